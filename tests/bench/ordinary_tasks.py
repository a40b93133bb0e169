"""The tasks of ordinary work: a row each, what we run and what the peer runs. Adding one is adding
a row; answers of both are compared, and ordinary.py says how.

Our side is a list of steps (bench-steps.c has all), which begin at the arbor of a view. In the
peer's SQL {v} stands for the view. An answer is one value, one row or some rows, in any order.
Where the peer has no such thing, the nearest SQL stands here with a word on it in @note.
Expressions that make much give it to a sum or a count, so that both sides do all of it and hand
over little. {middle} stands for half the number of sales.
"""

from typing import NamedTuple


class View(NamedTuple):
    arbor: str
    steps: list
    sql: str
    is_prepared: bool = False   # made before the clock, by the peer as a table


class Task(NamedTuple):
    name: str
    family: str
    view: str
    steps: list
    sql: object                 # a text, or (what is timed, what gives the answer)
    note: str = ""


def table_of(name):
    return View(name, [], name)


VIEWS = {
    **{name: table_of(name) for name in ("sales", "archive", "customers", "products", "countries",
                                         "nested")},
    "filtered": View("sales", [["filter", "rating >= 2"]],
                     "(select * from sales where rating >= 2)"),
    "sorted": View("sales", [["sort", ["cost", "id"]]],
                   "select * from sales order by cost, id", is_prepared=True),
    "sorted-filtered": View("sales", [["filter", "rating >= 2"], ["sort", ["cost", "id"]]],
                            "select * from sales where rating >= 2 order by cost, id",
                            is_prepared=True),
    "left-joined": View("sales", [["join", "countries", "left", ["country"], ["code"]]],
                        "(select s.*, c.* exclude (code) from sales s left join countries c "
                        "on s.country = c.code)"),
    "joined": View("sales", [["join", "products", "inner", ["product"], ["sku"]]],
                   "(select s.*, p.* exclude (sku) from sales s join products p "
                   "on s.product = p.sku)"),
    "appended": View("sales", [["append", "archive"]],
                     "(select * from sales union all by name select * from archive)"),
    "nested-filtered": View("nested", [["filter", "born.year > 1900"]],
                            "(select * from nested where born.year > 1900)"),
    "nested-sorted": View("nested", [["sort", ["born.year", "id"]]],
                          "select * from nested order by born.year, id", is_prepared=True),
    "exploded": View("nested", [["explode", "orders"]],
                     "(select * exclude (orders), unnest(coalesce(orders, [null])) as orders "
                     "from nested)"),
}

COUNT = [["count"]]
# Where there is no array at all, explode leaves the tree as it is.
ORDERS = "unnest(coalesce(orders, [null]))"


def total(**figures):
    return [["aggregate", figures]]


# What becomes of many counts: how many there are, and the sum of their squares.
SQUARES = total(g="count()", s="sum(count * count)")


def squares(key, source="{v}"):
    return (f"select count(*) as g, sum(n * n) as s from "
            f"(select {key}, count(*) as n from {source} group by 1)")


def kept(name, family, view, condition, sql, note=""):
    """A filter, counted."""
    return Task(name, family, view, [["filter", condition], *COUNT],
                f"select count(*) from {{v}} where {sql}", note)


def added(name, family, view, expression, sql, note=""):
    """An expression, summed."""
    return Task(name, family, view, total(x=f"sum({expression})"),
                f"select sum({sql}) as x from {{v}}", note)


def grouped(name, family, view, key, sql, figure="sum(cost)", figure_sql="sum(cost)"):
    """Groups by one key, with how many and a figure; few enough to look at all."""
    return Task(name, family, view, [["group", {"k": key}, {"n": "count()", "x": figure}]],
                f"select {sql} as k, count(*) as n, {figure_sql} as x from {{v}} group by 1")


def joined(kind, other, keys, figure):
    """All that a join gives, counted, with a figure."""
    ours, others = keys
    on = " and ".join(f"s.{a} = o.{b}" for a, b in zip(ours, others))
    join = f"sales s {kind} join {other} o on {on}"
    return Task(f"{kind} join with {other}, counted, summed", "joins", "sales",
                [["join", other, kind, ours, others], *total(n="count()", x=f"sum({figure})")],
                f"select count(*) as n, coalesce(sum({figure}), 0) as x from {join}")


def joins():
    tables = {"countries": ((["country"], ["code"]), "people"),
              "products": ((["product"], ["sku"]), "weight"),
              "customers": ((["customer"], ["id"]), "points")}
    return [joined(kind, other, keys, figure if kind in ("inner", "left") else "cost")
            for other, (keys, figure) in tables.items()
            for kind in ("inner", "left", "semi", "anti")]


TASKS = [
    # Filter by each family of functions
    kept("arithmetic with a constant", "filter", "sales", "cost * 2 > amount * 100",
         "cost * 2 > amount * 100"),
    kept("a field against a field", "filter", "sales", "price < cost", "price < cost"),
    kept("arithmetic with nulls", "filter", "sales", "price * amount - cost > 1000",
         "price * amount - cost > 1000"),
    kept("div and mod", "filter", "sales", "cost mod 7 == 3 or cost div 100 == 2",
         "cost % 7 = 3 or cost // 100 = 2"),
    kept("one of several strings", "filter", "sales", "country in ['AA', 'FB', 'QC', 'ZZ']",
         "country in ('AA', 'FB', 'QC', 'ZZ')"),
    kept("between, and not", "filter", "sales", "price is_between (10, 60) and not is_gift",
         "price between 10 and 60 and not is_gift"),
    kept("null and missing", "filter", "sales", "price == null or discount != null",
         "price is null or discount is not null"),
    kept("if_null and round", "filter", "sales", "round(if_null(price, 0) * 0.19) >= 20",
         "round(coalesce(price, 0) * 0.19) >= 20"),
    kept("when .. then .. otherwise", "filter", "sales",
         "(when amount > 10 then price * 0.9 when amount > 5 then price * 0.95 "
         "otherwise price) > 250",
         "case when amount > 10 then price * 0.9 when amount > 5 then price * 0.95 "
         "else price end > 250"),
    kept("type of a mixed field", "filter", "nested", "is_string(score) or is_bool(score)",
         "json_type(score) in ('VARCHAR', 'BOOLEAN')"),
    kept("a cast", "filter", "sales", "to_number(substring(code, 3)) > 5000",
         "try_cast(substr(code, 4) as double) > 5000"),
    kept("roots and logarithms", "filter", "sales", "sqrt(cost) + log(amount) > 17",
         "sqrt(cost) + ln(amount) > 17"),
    kept("the first that is there", "filter", "sales", "coalesce(discount, rating / 10, 0) > 0.35",
         "coalesce(discount, rating / 10, 0) > 0.35"),
    kept("a key of an object of any shape", "filter", "nested", "has_key(extra, 'deep')",
         "json_exists(extra, '$.deep')"),
    kept("nested fields", "filter", "nested",
         "born.year + born.month > 1900 and name.given != null",
         "born.year + born.month > 1900 and name.given is not null"),

    # Computed keys
    grouped("group by the year of a date", "computed keys", "sales", "year(date)", "year(date)"),
    Task("group by two keys, one computed", "computed keys", "sales",
         [["group", {"k": "country", "y": "year(date)"}, {"n": "count()"}],
          *total(g="count()", s="sum(n * n)")],
         "select count(*) as g, sum(n * n) as s from "
         "(select country, year(date), count(*) as n from {v} group by 1, 2)"),
    grouped("group by a price class", "computed keys", "sales", "floor(price / 50)",
            "floor(price / 50)"),
    grouped("group by lower case", "computed keys", "sales", "lower(status)", "lower(status)"),
    grouped("group by a choice", "computed keys", "sales",
            "when amount > 10 then 'many' when amount > 3 then 'some' otherwise 'few'",
            "case when amount > 10 then 'many' when amount > 3 then 'some' else 'few' end"),
    grouped("group by a comparison", "computed keys", "sales", "price > 100", "price > 100"),
    Task("sort by a product, a page in the middle", "computed keys", "sales",
         [["sort", ["cost * amount desc", "id"]], ["slice", "{middle}", 5],
          ["select", {"id": "id"}]],
         "select id from {v} order by cost * amount desc, id limit 5 offset {middle}"),
    Task("top 10 by a computed key", "computed keys", "sales",
         [["top", 10, ["if_null(price, 0) * amount desc", "id"]], ["select", {"id": "id"}]],
         "select id from {v} order by coalesce(price, 0) * amount desc, id limit 10"),
    Task("sort by lower case and length, the middle", "computed keys", "sales",
         [["sort", ["lower(status)", "len(note) desc", "id"]], ["slice", "{middle}", 3],
          ["select", {"id": "id"}]],
         "select id from {v} order by lower(status), length(note) desc, id limit 3 "
         "offset {middle}"),

    # Computed fields
    Task("a computed field, summed", "computed fields", "sales",
         [["add", {"total": "price * amount"}], *total(x="sum(total)")],
         "select sum(total) as x from (select *, price * amount as total from {v})"),
    Task("a computed field, filtered and counted", "computed fields", "sales",
         [["add", {"total": "price * amount"}], ["filter", "total > 1000"], *COUNT],
         "select count(*) from (select *, price * amount as total from {v}) where total > 1000"),
    Task("a computed field, grouped by", "computed fields", "sales",
         [["add", {"y": "year(date)"}], ["group", {"y": "y"}, {"x": "sum(cost)"}]],
         "select y, sum(cost) as x from (select *, year(date) as y from {v}) group by y"),
    Task("three selected, one computed, a group", "computed fields", "sales",
         [["select", {"c": "country", "t": "price * amount", "r": "rating"}],
          ["filter", "r >= 3"], ["group", {"c": "c"}, {"n": "count()", "x": "sum(t)"}]],
         "select c, count(*) as n, sum(t) as x from (select country as c, price * amount as t, "
         "rating as r from {v}) where r >= 3 group by c"),
    Task("a field made of texts, distinct", "computed fields", "sales",
         [["select", {"k": "concat(country, '/', status)"}], *total(n="n_unique(k)")],
         "select count(distinct k) as n from (select country || '/' || status as k from {v})"),
    Task("a nested field put into the tree, summed", "computed fields", "nested",
         [["select", {"y": "born.year", "n": "len(orders)"}], *total(y="sum(y)", n="sum(n)")],
         "select sum(y) as y, sum(n) as n from "
         "(select born.year as y, len(orders) as n from {v})"),

    # Aggregates
    added("sum of a product", "aggregates", "sales", "price * amount", "price * amount"),
    added("sum of a choice", "aggregates", "sales", "when is_gift then 0 otherwise price * amount",
          "case when is_gift then 0 else price * amount end"),
    Task("mean, std, var", "aggregates", "sales", total(m="mean(price)", s="std(price)",
                                                        v="var(cost)"),
         "select avg(price) as m, stddev_samp(price) as s, var_samp(cost) as v from {v}"),
    Task("least and greatest of strings", "aggregates", "sales",
         total(a="min(note)", b="max(code)"),
         "select min(note) as a, max(code) as b from {v}"),
    Task("counts of conditions", "aggregates", "sales",
         total(a="sum(when price > 100 then 1 otherwise 0)",
               b="sum(when rating == 5 then 1 otherwise 0)", c="count(discount)"),
         "select sum(case when price > 100 then 1 else 0 end) as a, "
         "sum(case when rating = 5 then 1 else 0 end) as b, count(discount) as c from {v}"),
    Task("any and all", "aggregates", "sales", total(a="any(price > 499.99)", b="all(cost >= 1)"),
         "select bool_or(coalesce(price > 499.99, false)) as a, bool_and(cost >= 1) as b from {v}"),
    Task("five figures by group", "aggregates", "sales",
         [["group", {"k": "country"}, {"n": "count()", "s": "sum(price)", "m": "mean(cost)",
                                       "a": "min(price)", "b": "max(price)"}]],
         "select country as k, count(*) as n, sum(price) as s, avg(cost) as m, min(price) as a, "
         "max(price) as b from {v} group by 1"),
    Task("sum of products by group", "aggregates", "sales",
         [["group", {"k": "product div 100"}, {"x": "sum(price * amount)"}]],
         "select product // 100 as k, sum(price * amount) as x from {v} group by 1"),
    Task("a ratio of sums by group", "aggregates", "sales",
         [["group", {"k": "status"}, {"x": "sum(price * amount) / sum(amount)"}]],
         "select status as k, sum(price * amount) / sum(amount) as x from {v} group by 1"),
    Task("distinct values by group", "aggregates", "sales",
         [["group", {"k": "status"}, {"x": "n_unique(country)", "y": "n_unique(product)"}]],
         "select status as k, count(distinct country) as x, count(distinct product) as y "
         "from {v} group by 1"),

    # High-cardinality keys
    Task("group by a unique string", "high-cardinality keys", "sales",
         [["group", {"k": "id"}, {"n": "count()"}], *total(g="count()", s="sum(n)")],
         "select count(*) as g, sum(n) as s from (select id, count(*) as n from {v} group by id)"),
    Task("group by a string of 320,000", "high-cardinality keys", "sales",
         [["group", {"k": "customer"}, {"n": "count()", "x": "sum(cost)"}],
          *total(g="count()", s="sum(n * n)", x="max(x)")],
         "select count(*) as g, sum(n * n) as s, max(x) as x from "
         "(select customer, count(*) as n, sum(cost) as x from {v} group by customer)"),
    Task("group by a string and a number", "high-cardinality keys", "sales",
         [["group", {"k": "customer", "r": "rating"}, {"x": "mean(cost)"}],
          *total(g="count()", x="sum(x)")],
         "select count(*) as g, sum(x) as x from "
         "(select customer, rating, avg(cost) as x from {v} group by 1, 2)"),
    Task("group by two numbers", "high-cardinality keys", "sales",
         [["group", {"a": "product", "b": "cost"}, {"n": "count()"}],
          *total(g="count()", s="sum(n * n)")],
         "select count(*) as g, sum(n * n) as s from "
         "(select product, cost, count(*) as n from {v} group by 1, 2)"),
    Task("group by a double", "high-cardinality keys", "sales",
         [["group", {"k": "price"}, {"n": "count()"}], *total(g="count()", s="sum(n * n)")],
         "select count(*) as g, sum(n * n) as s from "
         "(select price, count(*) as n from {v} group by 1)"),
    Task("count of distinct strings, all different", "high-cardinality keys", "sales",
         total(n="n_unique(id)"), "select count(distinct id) as n from {v}"),
    Task("count of distinct texts", "high-cardinality keys", "sales",
         total(n="n_unique(note)"), "select count(distinct note) as n from {v}"),

    *joins(),
    Task("inner join by a computed key", "joins", "sales",
         [["join", "countries", "inner", ["upper(country)"], ["code"]], *total(x="sum(people)")],
         "select sum(o.people) as x from sales s join countries o on upper(s.country) = o.code"),

    Task("all matches nested, counted, summed", "joins", "products",
         [["nest", "sales", "sold", ["sku"], ["product"]],
          *total(n="sum(len(sold))", x="sum(sold[*].cost)")],
         "select sum(len(sold)) as n, sum(list_sum(list_transform(sold, lambda s: s.cost))) as x "
         "from (select p.sku, list(s) filter (where s.id is not null) as sold from {v} p "
         "left join sales s on s.product = p.sku group by 1)"),
    Task("joined twice, then grouped", "joins", "sales",
         [["join", "products", "inner", ["product"], ["sku"]],
          ["join", "countries", "inner", ["country"], ["code"]],
          ["group", {"r": "region", "c": "category"}, {"n": "count()", "x": "sum(cost)"}]],
         "select region as r, category as c, count(*) as n, sum(cost) as x from sales s "
         "join products p on s.product = p.sku join countries o on s.country = o.code "
         "group by 1, 2"),
    Task("left join, what found nothing", "joins", "sales",
         [["join", "customers", "left", ["customer"], ["id"]], ["filter", "city == null"], *COUNT],
         "select count(*) from sales s left join customers o on s.customer = o.id "
         "where o.city is null"),

    # Explode
    Task("explode, then a sum", "explode", "nested",
         [["explode", "orders"], *total(x="sum(orders.price * orders.quantity)")],
         "select sum(o.price * o.quantity) as x from (select unnest(orders) as o from {v})"),
    Task("explode, then a group", "explode", "nested",
         [["explode", "orders"], ["group", {"k": "orders.quantity"},
                                  {"n": "count()", "x": "mean(orders.price)"}]],
         "select o.quantity as k, count(*) as n, avg(o.price) as x from "
         f"(select {ORDERS} as o from {{v}}) group by 1"),
    Task("explode, then a filter by an outer field", "explode", "nested",
         [["explode", "orders"], ["filter", "orders.price > 50 and kind == 'robot'"], *COUNT],
         "select count(*) from (select kind, unnest(orders) as o from {v}) "
         "where o.price > 50 and kind = 'robot'"),
    Task("explode twice", "explode", "nested",
         [["explode", "orders"], ["explode", "orders.tags"],
          ["group", {"k": "orders.tags"}, {"n": "count()"}]],
         "select k, count(*) as n from (select unnest(coalesce(o.tags, [null])) as k from "
         f"(select {ORDERS} as o from {{v}})) group by 1"),
    Task("explode, then values counted", "explode", "nested",
         [["explode", "orders"], ["counts", "orders.sku"], *SQUARES],
         squares("o.sku", f"(select {ORDERS} as o from {{v}})")),

    Task("exploded trees saved", "explode", "exploded",
         [["filter", "orders.gift == true"], ["select", {"id": "id", "sku": "orders.sku"}],
          ["save", "csv"]],
         "copy (select id, orders.sku as sku from {v} where orders.gift) to '{file}' "
         "(format csv, header true)"),

    # Unique
    Task("unique by a string of 320,000", "unique", "sales", [["unique", ["customer"]], *COUNT],
         "select count(*) from (select distinct customer from {v})"),
    Task("unique by two fields", "unique", "sales", [["unique", ["country", "status"]], *COUNT],
         "select count(*) from (select distinct country, status from {v})"),
    Task("unique by a computed key", "unique", "sales",
         [["unique", ["year(date)", "lower(status)"]], *COUNT],
         "select count(*) from (select distinct year(date), lower(status) from {v})"),
    Task("unique by a unique string", "unique", "sales", [["unique", ["id"]], *COUNT],
         "select count(*) from (select distinct id from {v})"),
    Task("unique by a nested field", "unique", "nested", [["unique", ["contact.address.city"]],
                                                          *COUNT],
         "select count(*) from (select distinct contact.address.city from {v})"),

    # Values counted
    Task("values of a string of few", "value counts", "sales", [["counts", "country"],
                                                                *SQUARES],
         squares("country")),
    Task("values of a number", "value counts", "sales", [["counts", "product"],
                                                         *SQUARES],
         squares("product")),
    Task("values of a computed value", "value counts", "sales", [["counts", "month(date)"]],
         "select month(date) as value, count(*) as count from {v} group by 1"),
    Task("values of a string of 320,000", "value counts", "sales",
         [["counts", "customer"], *SQUARES],
         squares("customer")),
    Task("values of all elements", "value counts", "nested", [["counts", "orders[*].quantity"]],
         "select value, count(*) as count from (select unnest(orders).quantity as value from {v}) "
         "group by 1"),
    Task("a histogram", "value counts", "sales",
         [["histogram", "cost", 20], *total(n="sum(count)", s="sum(count * count)")],
         "select sum(n) as n, sum(n * n) as s from "
         "(select least(floor((cost - lo) / ((hi - lo) / 20)), 19) as b, count(*) as n from {v}, "
         "(select min(cost)::double as lo, max(cost)::double as hi from {v}) group by 1)",
         "the peer's histogram() takes no number of bins"),

    # Quantiles
    Task("median of an integer", "quantiles", "sales", total(x="median(cost)"),
         "select median(cost) as x from {v}"),
    Task("median of a double", "quantiles", "sales", total(x="median(price)"),
         "select median(price) as x from {v}"),
    Task("three quantiles", "quantiles", "sales",
         total(a="quantile(price, 0.1)", b="quantile(price, 0.5)", c="quantile(price, 0.99)"),
         "select quantile_cont(price, 0.1) as a, quantile_cont(price, 0.5) as b, "
         "quantile_cont(price, 0.99) as c from {v}"),
    Task("quantile by group", "quantiles", "sales",
         [["group", {"k": "country"}, {"x": "quantile(price, 0.9)"}]],
         "select country as k, quantile_cont(price, 0.9) as x from {v} group by 1"),
    Task("quantile of a product", "quantiles", "sales", total(x="quantile(price * amount, 0.75)"),
         "select quantile_cont(price * amount, 0.75) as x from {v}"),

    # Arrays
    kept("length of an array", "arrays", "nested", "len(orders) > 2", "len(orders) > 2"),
    added("sum of the sums", "arrays", "nested", "sum(orders[*].quantity)",
          "list_sum(list_transform(orders, lambda o: o.quantity))"),
    kept("all() over elements", "arrays", "nested", "all(orders[*].price < 50) and len(orders) > 0",
         "len(orders) > 0 and len(list_filter(orders, lambda o: o.price < 50)) = len(orders)"),
    kept("any() of two conditions", "arrays", "nested",
         "any(orders[*].price > 90) and any(orders[*].quantity == 9)",
         "len(list_filter(orders, lambda o: o.price > 90)) > 0 and "
         "len(list_filter(orders, lambda o: o.quantity = 9)) > 0"),
    added("greatest element", "arrays", "nested", "max(orders[*].price)",
          "list_max(list_transform(orders, lambda o: o.price))"),
    added("elements filtered, counted", "arrays", "nested",
          "len(filter(orders, @.price > 50 and @.quantity > 3))",
          "len(list_filter(orders, lambda o: o.price > 50 and o.quantity > 3))"),
    added("elements mapped, summed", "arrays", "nested", "sum(map(orders, @.price * @.quantity))",
          "list_sum(list_transform(orders, lambda o: o.price * o.quantity))"),
    added("the first element's field", "arrays", "nested", "orders[0].price", "orders[1].price"),

    # Strings
    kept("contains", "strings", "sales", "note contains 'falcon river'",
         "contains(note, 'falcon river')"),
    kept("starts and ends with", "strings", "sales",
         "email starts_with 'Eve' and email ends_with 'cedar.example'",
         "starts_with(email, 'Eve') and ends_with(email, 'cedar.example')"),
    kept("lower case equals", "strings", "sales", "lower(status) == 'paid'",
         "lower(status) = 'paid'"),
    added("length", "strings", "sales", "len(note)", "length(note)"),
    kept("substring", "strings", "sales", "substring(code, 3, 2) == '17'",
         "substr(code, 4, 2) = '17'"),
    added("length of upper case", "strings", "sales", "len(upper(email))", "length(upper(email))"),
    added("replace", "strings", "sales", "len(replace(note, 'river', 'sea'))",
          "length(replace(note, 'river', 'sea'))"),
    added("parts of a split", "strings", "sales", "len(split(note, ' '))",
          "len(string_split(note, ' '))"),
    kept("concat and compare", "strings", "sales", "concat(country, status) == 'AApaid'",
         "country || status = 'AApaid'"),
    kept("order of strings", "strings", "sales", "code >= 'CX-5000' and code < 'DX'",
         "code >= 'CX-5000' and code < 'DX'"),

    # Regular expressions
    kept("regex: an end", "regular expressions", "sales", "code match '99$'",
         "regexp_matches(code, '99$')"),
    kept("regex: a class and a number", "regular expressions", "sales",
         "code match '^[AC][XZ]-0[0-4]'", "regexp_matches(code, '^[AC][XZ]-0[0-4]')"),
    kept("regex: words with something between", "regular expressions", "sales",
         "note match 'falcon.*river'", "regexp_matches(note, 'falcon.*river')"),
    kept("regex: alternatives", "regular expressions", "sales",
         "note match '(amber|cedar) (delta|ember)'",
         "regexp_matches(note, '(amber|cedar) (delta|ember)')"),
    kept("regex: without case", "regular expressions", "sales", "email match '(?i)^eve\\\\.1'",
         "regexp_matches(email, '(?i)^eve\\.1')"),
    added("regex: a group extracted", "regular expressions", "sales",
          "to_number(extract(code, '-0*([1-9][0-9]*)$', 1))",
          "try_cast(regexp_extract(code, '-0*([1-9][0-9]*)$', 1) as bigint)"),
    added("regex: replaced", "regular expressions", "sales",
          "len(replace_regex(email, '[0-9]+', '#'))",
          "length(regexp_replace(email, '[0-9]+', '#', 'g'))"),

    # Dates
    kept("a year", "dates", "sales", "year(date) == 2019", "year(date) = 2019"),
    kept("a day of the week", "dates", "sales", "weekday(date) >= 5", "isodow(date) >= 6"),
    kept("between two dates", "dates", "sales", "date >= '2018-03-01' and date < '2018-06-15'",
         "date >= '2018-03-01' and date < '2018-06-15'"),
    kept("hours of a time", "dates", "sales", "hour(time) is_between (9, 17)",
         "hour(time) between 9 and 17"),
    Task("group by month", "dates", "sales",
         [["group", {"k": "date_truncate(date, 'month')"}, {"n": "count()"}],
          *total(g="count()", s="sum(n * n)")],
         "select count(*) as g, sum(n * n) as s from "
         "(select date_trunc('month', date), count(*) as n from {v} group by 1)"),
    added("days between", "dates", "sales", "date_diff(date, '2015-01-01', 'day')",
          "date_diff('day', date '2015-01-01', date)"),
    added("a month later", "dates", "sales", "month(date_add(date, 1, 'month'))",
          "month(date + interval 1 month)"),
    added("seconds since 1970", "dates", "sales", "epoch(time)", "epoch(time)"),
    added("dates read from texts", "dates", "sales", "day(parse_date(made, '%b %d %Y'))",
          "day(strptime(made, '%b %d %Y'))"),
    added("weeks", "dates", "sales", "week(date)", "week(date)"),

    # JSONPath: the peer's has no filters, so lambdas over its typed columns stand here
    Task("keys and a wildcard", "JSONPath", "nested", [["matches", "$.orders[*].price"]],
         "select sum(len(orders)) from {v}", "the peer counts elements of a typed column"),
    Task("a filter", "JSONPath", "nested", [["matches", "$.orders[?@.price > 90]"]],
         "select sum(len(list_filter(orders, lambda o: o.price > 90))) from {v}",
         "the peer's JSONPath has no filters: a lambda"),
    Task("a filter of two, then a key", "JSONPath", "nested",
         [["matches", "$.orders[?@.price > 50 && @.quantity >= 5].sku"]],
         "select sum(len(list_filter(orders, lambda o: o.price > 50 and o.quantity >= 5))) "
         "from {v}",
         "the peer's JSONPath has no filters: a lambda"),
    Task("a chain of keys", "JSONPath", "nested", [["matches", "$.contact.address.city"]],
         "select count(contact.address.city) from {v}"),
    Task("from the end", "JSONPath", "nested", [["matches", "$.orders[-1].quantity"]],
         "select count(orders[-1].quantity) from {v}"),
    Task("a key at any depth", "JSONPath", "nested", [["matches", "$..sku"]],
         "select sum(len(orders)) from {v}",
         "the peer has no such thing: it is told where they are"),
    Task("a filter by what is there", "JSONPath", "nested", [["matches", "$.orders[?@.gift]"]],
         "select sum(len(list_filter(orders, lambda o: o.gift is not null))) from {v}",
         "the peer's JSONPath has no filters: a lambda"),

    # Select and export
    Task("two fields as JSON Lines", "select and export", "sales",
         [["select", {"id": "id", "cost": "cost"}], ["save", "jsonl"]],
         "copy (select id, cost from {v}) to '{file}' (format json)"),
    Task("two fields as CSV", "select and export", "sales",
         [["select", {"id": "id", "cost": "cost"}], ["save", "csv"]],
         "copy (select id, cost from {v}) to '{file}' (format csv, header true)"),
    Task("a computed field as JSON Lines", "select and export", "sales",
         [["select", {"id": "id", "x": "cost * amount", "s": "upper(status)"}], ["save", "jsonl"]],
         "copy (select id, cost * amount as x, upper(status) as s from {v}) to '{file}' "
         "(format json)"),
    Task("filtered, four fields as CSV", "select and export", "sales",
         [["filter", "is_gift"],
          ["select", {"id": "id", "country": "country", "cost": "cost", "date": "date"}],
          ["save", "csv"]],
         "copy (select id, country, cost, date from {v} where is_gift) to '{file}' "
         "(format csv, header true)"),
    Task("a number column into memory", "select and export", "sales", [["column", "price"]],
         ("select price from {v}", "select count(price) from {v}")),
    Task("a computed column into memory", "select and export", "sales",
         [["column", "price * amount"]],
         ("select price * amount from {v}", "select count(price * amount) from {v}")),
    Task("a string column into memory", "select and export", "sales", [["column", "note"]],
         ("select note from {v}", "select count(note) from {v}")),

    # Over views
    grouped("group, filtered", "filtered views", "filtered", "status", "status"),
    added("sum of a product, filtered", "filtered views", "filtered", "price * amount",
          "price * amount"),
    kept("filter, filtered", "filtered views", "filtered", "lower(status) == 'paid'",
         "lower(status) = 'paid'"),
    Task("values counted, filtered", "filtered views", "filtered", [["counts", "rating"]],
         "select rating as value, count(*) as count from {v} group by 1"),
    added("sums of elements, filtered", "filtered views", "nested-filtered",
          "sum(orders[*].price)", "list_sum(list_transform(orders, lambda o: o.price))"),

    grouped("group, sorted", "sorted views", "sorted", "status", "status"),
    grouped("group by a computed key, sorted", "sorted views", "sorted", "year(date)",
            "year(date)"),
    added("sum of a product, sorted", "sorted views", "sorted", "price * amount", "price * amount"),
    kept("filter, sorted", "sorted views", "sorted", "price > cost", "price > cost"),
    kept("filter by an array, sorted", "sorted views", "nested-sorted", "any(orders[*].price > 90)",
         "len(list_filter(orders, lambda o: o.price > 90)) > 0"),

    Task("first and last by group, sorted", "sorted views", "sorted",
         [["group", {"k": "country"}, {"a": "first(id)", "b": "last(price)"}],
          *total(n="count(a)", x="sum(b)")],
         "select count(a) as n, sum(b) as x from (select country, first(id) as a, "
         "last(price) filter (price is not null) as b from {v} group by 1)",
         "the peer's rows keep the order of its table"),
    Task("values counted, sorted", "sorted views", "sorted", [["counts", "product"], *SQUARES],
         squares("product")),
    Task("median and different ones, sorted", "sorted views", "sorted",
         total(m="median(price)", n="n_unique(product)", a="min(cost)", b="max(note)"),
         "select median(price) as m, count(distinct product) as n, min(cost) as a, "
         "max(note) as b from {v}"),
    Task("filter twice, a group, sorted", "sorted views", "sorted",
         [["filter", "is_gift"], ["filter", "price > 20"],
          ["group", {"k": "status"}, {"n": "count()", "x": "sum(cost)"}]],
         "select status as k, count(*) as n, sum(cost) as x from {v} where is_gift and price > 20 "
         "group by 1"),
    Task("a page of a filter, sorted", "sorted views", "sorted",
         [["filter", "price > cost"], ["slice", 1000, 5], ["select", {"id": "id"}]],
         "select id from {v} where price > cost order by cost, id limit 5 offset 1000"),
    grouped("group, filtered and sorted", "sorted views", "sorted-filtered", "rating", "rating"),
    Task("join, sorted", "sorted views", "sorted",
         [["join", "products", "inner", ["product"], ["sku"]],
          *total(n="count()", x="sum(weight)")],
         "select count(*) as n, sum(weight) as x from {v} s join products p on s.product = p.sku"),

    grouped("group by a field of the other, joined", "joined views", "joined", "category",
            "category"),
    grouped("group by what may be missing, left joined", "joined views", "left-joined", "region",
            "region"),
    Task("different ones and a median, joined", "joined views", "joined",
         total(n="n_unique(title)", m="median(weight)"),
         "select count(distinct title) as n, median(weight) as m from {v}"),
    Task("unique by a field of each, joined", "joined views", "joined",
         [["unique", ["category", "status"]], *COUNT],
         "select count(*) from (select distinct category, status from {v})"),
    Task("sort by a field of each, the middle, joined", "joined views", "joined",
         [["sort", ["weight", "cost", "id"]], ["slice", "{middle}", 3], ["select", {"id": "id"}]],
         "select id from {v} order by weight, cost, id limit 3 offset {middle}"),
    kept("filter by a field of each, joined", "joined views", "joined",
         "weight * amount > 1000 and status == 'paid'",
         "weight * amount > 1000 and status = 'paid'"),
    added("sum of a product of both, joined", "joined views", "joined", "weight * amount",
          "weight * amount"),
    Task("values counted, joined", "joined views", "joined", [["counts", "category"]],
         "select category as value, count(*) as count from {v} group by 1"),
    Task("top 10, joined", "joined views", "joined",
         [["top", 10, ["weight * amount desc", "id"]], ["select", {"id": "id", "title": "title"}]],
         "select id, title from {v} order by weight * amount desc, id limit 10"),

    grouped("group, appended", "appended views", "appended", "country", "country"),
    grouped("group by a computed key, appended", "appended views", "appended", "year(date)",
            "year(date)"),
    added("sum of a product, appended", "appended views", "appended", "price * amount",
          "price * amount"),
    kept("filter, appended", "appended views", "appended",
         "price < cost and lower(status) == 'new'",
         "price < cost and lower(status) = 'new'"),
    Task("distinct strings, appended", "appended views", "appended", total(n="n_unique(customer)"),
         "select count(distinct customer) as n from {v}"),
]
