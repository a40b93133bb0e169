// What the overrides add to a class, or call in another way; make-declarations.py puts it in place of what
// the introspection data says of a name. A line of two slashes and a name begins a class.

// Arbor
    get_item(position: number): Tree | null;
    get_item_type(): any;
    get_n_items(): number;
    items_changed(position: number, removed: number, added: number): void;
    [Symbol.iterator](): IterableIterator<Tree>;
    [Symbol.asyncIterator](): AsyncIterableIterator<Tree>;
    add_fields(fields: Fields): Arbor;
    add_fields(names: string[], exprs?: Condition[]): Arbor;
    aggregate(fields: Fields, cancellable?: Cancellable | null): Tree;
    aggregate(names: string[], exprs?: Condition[], cancellable?: Cancellable | null): Tree;
    column(values: string | Expr, cancellable?: Cancellable | null): Column;
    column_async(values: string | Expr, cancellable?: Cancellable | null): Promise<Column>;
    cursor(...paths: string[]): Cursor;
    group_by(keys: Fields | string): Groups;
    group_by(names: string[], keys?: Condition[]): Groups;
    lazy(): Query;
    pick(...paths: string[]): NativeIterator;
    pick(paths: string[]): NativeIterator;
    select(fields: Fields): Arbor;
    select(names: string[], exprs?: Condition[]): Arbor;
    to_native(): any[];

// Column
    [Symbol.iterator](): IterableIterator<any>;
    dictionary(): string[];
    statistics(): any;
    to_float64_array(): Float64Array;
    to_kinds(): Uint8Array;
    to_native(): any[];
    to_typed_array(): Uint8Array | BigInt64Array | BigUint64Array | Float64Array | Int32Array;

// Cursor
    get(path: number, otherwise?: any): any;
    next(): boolean;

// Builder
    add(value: any): boolean;

// Expr
    coalesce(...others: any[]): Expr;
    match_case(...pairs: any[]): Expr;
    is_in(candidates: Iterable<any>): Expr;
    sort(key?: Expr | null, descending?: boolean): Expr;

// Groups
    [Symbol.iterator](): IterableIterator<[Tree, Arbor]>;
    aggregate(fields: Fields): Arbor;
    aggregate(names: string[], exprs?: Condition[]): Arbor;

// Index
    get<T = null>(key: any, otherwise?: T): Tree | T;

// Iter
    [Symbol.iterator](): IterableIterator<Tree>;
    [Symbol.asyncIterator](): AsyncIterableIterator<Tree>;

// ListModel
    get_item(position: number): Row | null;
    get_item_type(): any;
    get_n_items(): number;
    items_changed(position: number, removed: number, added: number): void;
    [Symbol.iterator](): IterableIterator<Row>;
    set_columns(fields: Fields): boolean;
    set_columns(names: string[], exprs?: Condition[]): boolean;

// Matches
    [Symbol.iterator](): IterableIterator<Tree>;
    entries(): [string, Tree][];
    paths(): string[];
    to_native(): any[];

// ObjectModel
    get_item(position: number): any;
    get_item_type(): any;
    get_n_items(): number;
    items_changed(position: number, removed: number, added: number): void;

// Query
    add_fields(fields: Fields): Query;
    add_fields(names: string[], exprs?: Condition[]): Query;
    group_by(keys: Fields | string[], fields: Fields | string[]): Query;
    group_by(names: string[], keys: Condition[], new_names: string[], exprs: Condition[]): Query;
    select(fields: Fields): Query;
    select(names: string[], exprs?: Condition[]): Query;
    to_native(): any[];

// Report
    get_item(position: number): Finding | null;
    get_item_type(): any;
    get_n_items(): number;
    items_changed(position: number, removed: number, added: number): void;

// Row
    /** A column that was set. */
    [column: string]: any;
    [Symbol.iterator](): IterableIterator<any>;
    get(path: string): Tree;
    keys(): string[];
    to_native(): any;
    to_object(type: any): any;

// Schema
    [Symbol.iterator](): IterableIterator<SchemaField>;
    to_native(): SchemaField[];

// Store
    [Symbol.iterator](): IterableIterator<[string, Arbor]>;
    clear(): void;
    entries(): [string, Arbor][];
    keys(): string[];
    values(): Arbor[];
    put_many(arbors: Record<string, Trees>, cancellable?: Cancellable | null): boolean;
    put_many(names: string[], arbors: Trees[], cancellable?: Cancellable | null): boolean;
    transact<T>(update: (transaction: Transaction) => T | Promise<T>,
        settings?: {retries?: number, cancellable?: Cancellable | null}): Promise<T>;
    update_where(name: string, predicate: Condition, fields: Record<string, any>,
        cancellable?: Cancellable | null): number;
    update_where(name: string, predicate: Condition, fields: string[], values: any[],
        cancellable?: Cancellable | null): number;

// Transaction
    [Symbol.iterator](): IterableIterator<[string, Arbor]>;
    clear(): void;
    entries(): [string, Arbor][];
    keys(): string[];
    values(): Arbor[];

// Tree
    [Symbol.iterator](): IterableIterator<any>;
    entries(): [string, Tree][];
    keys(): string[];
    values(): Tree[];
    static ['new'](value: any): Tree;
    get_int64(path?: string | null): number | bigint;
    get_uint64(path?: string | null): number | bigint;
    to_native(): any;

// functions
export function call(name: string, ...values: any[]): Expr;
export function expr(text: string, ...values: any[]): Expr;
export function from_native(values: Iterable<any>): Arbor;
export function lit(value: any): Expr;
export function when(condition: any): When;
