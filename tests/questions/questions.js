#!/usr/bin/gjs -m
// The questions of oracle.py, asked of a store in JavaScript.
//
//     gjs -m questions.js STORE FOLDER
//
// Imports the tables of the folder into the new store. Prints as oracle.py does.

import Arbor from 'gi://Arbor?version=1.0';
import System from 'system';

const TABLES = {
  countries: ['iso_3166-1.json', '3166-1'],
  subdivisions: ['iso_3166-2.json', '3166-2'],
  languages: ['iso_639-3.json', '639-3'],
  codes: ['iso_639-2.json', '639-2'],
  currencies: ['iso_4217.json', '4217'],
  scripts: ['iso_15924.json', '15924'],
};

const {path} = Arbor;
const {NONE, DESCENDING} = Arbor.SortFlags;
const COUNTRY = 'substring(code, 0, 2)';
const NUMBER = 'to_number(lstrip(numeric, "0"))';

// Fields of an object, in the order of the names.
function named(...names) {
  return Object.fromEntries(names.map(name => [name, path(name)]));
}

// Each of these gives the answers by the names of the questions.
function ofCountries(countries) {
  const form = 'extract(official_name, "Republic|Kingdom|Principality|State|Commonwealth")';
  return {
    countries: countries.get_n_trees(),
    countries_with_a: countries.filter(path('alpha_2').starts_with('A'))
      .select(named('alpha_2', 'name')),
    longest_country_names: countries.top_k(10, path('name').len(), DESCENDING)
      .select({name: 'name', length: 'len(name)'}),
    countries_with_official_name: countries.count_matches('exists(official_name)'),
    official_name_without_name: countries.filter('not (official_name contains name)')
      .sort_by('alpha_3').select(named('alpha_3', 'official_name')),
    common_names: countries.filter(path('common_name').exists()).sort_by('name')
      .select(named('common_name', 'name')),
    country_of_flag: countries.filter(path('flag').eq('\u{1f1eb}\u{1f1f7}'))
      .select(named('alpha_2', 'name', 'numeric')),
    flags_are_two_characters: countries.all_of('len(flag) == 2'),
    forms_of_state: countries.filter(`${form} != null`).value_counts(form),
    countries_by_first_letter: countries.group_by({letter: 'substring(alpha_2, 0, 1)'})
      .aggregate({n: 'count()', official: 'count(official_name)', last: 'max(name)'})
      .sort_by('letter'),
  };
}

function ofSubdivisions(subdivisions) {
  const some = codes => subdivisions.filter(Arbor.Expr.parse(COUNTRY).is_in(codes));
  const byCountry = subdivisions.group_by({country: COUNTRY});
  const nested = subdivisions.filter('code starts_with "M"').sort_by(Arbor.Expr.parse(COUNTRY))
    .group_by({country: COUNTRY});
  return {
    subdivision_types: subdivisions.value_counts('type').head(10),
    countries_by_subdivisions: byCountry.aggregate({n: 'count()'})
      .top_k(10, ['n', 'country'], [DESCENDING, NONE]),
    types_in_four_countries: some(['FR', 'GB', 'ES', 'IT'])
      .group_by({country: COUNTRY, type: 'type'}).aggregate({n: 'count()'})
      .sort_by(['country', 'n', 'type'], [NONE, DESCENDING, NONE]),
    groups_of_groups: subdivisions.group_by({country: COUNTRY, type: 'type'})
      .aggregate({each: 'count()'}).group_by({country: 'country'})
      .aggregate({types: 'count()', n: 'sum(each)', most: 'max(each)'})
      .top_k(12, ['types', 'country'], [DESCENDING, NONE]),
    nested_groups: [...nested].map(([key, members]) => (
      {country: key.dup_string('country'), types: members.value_counts('type').to_native()})),
    many_types: byCountry.aggregate({types: 'n_unique(type)'}).filter('types >= 5')
      .sort_by(['types', 'country'], [DESCENDING, NONE]),
    subdivisions_with_parent: subdivisions.filter('exists(parent)').get_n_trees(),
    largest_parents: subdivisions.filter('exists(parent)').value_counts('parent').head(8),
    parents_by_country: byCountry
      .aggregate({n: 'count()', inner: 'count(parent)', parents: 'n_unique(parent)'})
      .filter(path('inner').multiply(2).gt(path('n'))).sort_by('country'),
    first_and_last_names: some(['DE', 'AT', 'CH']).group_by({country: COUNTRY})
      .aggregate({first: 'min(name)', last: 'max(name)'}).sort_by('country'),
    subdivisions_with_numbers: subdivisions.count_matches(path('code').match('^[A-Z]{2}-[0-9]+$')),
    first_of_each_type: subdivisions.unique_by('type').sort_by('type').head(15)
      .select(named('type', 'code')),
  };
}

function ofLanguages(languages, codes) {
  return {
    languages_by_scope_and_type: languages.group_by(named('scope', 'type'))
      .aggregate({n: 'count()', short: 'count(alpha_2)'})
      .sort_by(['n', 'scope', 'type'], [DESCENDING, NONE, NONE]),
    languages_without_short_code: languages.filter(path('alpha_2').is_missing())
      .value_counts('type'),
    inverted_arabic: languages.filter('inverted_name starts_with "Arabic,"')
      .sort_by('inverted_name').select(named('alpha_3', 'inverted_name')),
    heads_of_inverted_names: languages.filter('exists(inverted_name)')
      .add_fields({head: path('inverted_name').split(', ').item(0)}).value_counts('head').head(10),
    macrolanguages: languages.filter(path('scope').eq('M').both(path('alpha_2').exists()))
      .aggregate({n: 'count()', first: 'min(name)', last: 'max(name)'}),
    words_of_languages: languages.select({word: 'split(name)'}).explode('word')
      .value_counts('word').head(12),
    lengths_of_languages: languages.add_fields({length: 'len(name)'}).aggregate({
      n: 'count()', sum: 'sum(length)', mean: 'round(mean(length), 6)',
      std: 'round(std(length), 6)', median: 'median(length)', tenth: 'quantile(length, 0.1)',
      max: 'max(length)',
    }),
    histogram_of_lengths: languages.histogram('len(name)', 8),

    bibliographic_codes: codes.filter('exists(bibliographic)')
      .sort_by('bibliographic', DESCENDING).select(named('alpha_3', 'bibliographic')),
    language_families: codes.filter(path('name').ends_with(' languages')).aggregate(
      {n: 'count()', short: 'count(alpha_2)', names: 'sum(len(split(name, "; ")))'}),
  };
}

function ofCurrenciesAndScripts(currencies, scripts) {
  const strings = (arbor, field) => [...arbor].map(tree => tree.dup_string(field));
  return {
    currencies_by_hundred: currencies.group_by({from: `${NUMBER} div 100 * 100`})
      .aggregate({n: 'count()', first: 'min(alpha_3)'}).sort_by('from'),
    currencies_960_to_969: currencies.filter(`${NUMBER} is_between (960, 969)`)
      .sort_by('numeric').select(named('numeric', 'name')),
    dollars: strings(
      currencies.filter(path('name').contains('Dollar')).sort_by('name'), 'alpha_3'),
    scripts_by_hundred: scripts.group_by({hundred: 'substring(numeric, 0, 1)'})
      .aggregate({n: 'count()', letters: 'round(mean(len(name)), 6)'}).sort_by('hundred'),
    variants_of_scripts: strings(
      scripts.filter(String.raw`name match '\\(.* variant\\)$'`), 'alpha_4'),
    scripts_described: scripts.describe(),
  };
}

function ofSeveralTables(countries, subdivisions, languages, codes) {
  const country = Arbor.Expr.parse(COUNTRY);
  const byCode = countries.index_by('alpha_3');
  return {
    countries_without_subdivisions: [
      ...countries.join(subdivisions, 'alpha_2', {other_keys: country, kind: Arbor.JoinKind.ANTI}),
    ].map(tree => tree.dup_string('alpha_2')),
    parts_of_belgium: subdivisions.filter(country.eq('BE')).join(subdivisions, 'parent', {other_keys: 'code'})
      .select(named('code', 'name', 'name_right')),
    names_of_large_countries: subdivisions.group_by({country: COUNTRY}).aggregate({n: 'count()'})
      .top_k(10, ['n', 'country'], [DESCENDING, NONE]).join(countries, 'country', {other_keys: 'alpha_2'})
      .select(named('name', 'n')),
    countries_with_three_parts: countries.nest(subdivisions, 'alpha_2', 'parts', {other_keys: country})
      .filter(path('parts').len().eq(3))
      .select({name: 'name', parts: path('parts').map(Arbor.element('name'))}),
    other_names_of_languages: codes.join(languages, 'alpha_3')
      .count_matches(path('name').ne(path('name_right'))),
    names_by_code: ['FRA', 'NZL', 'XXX'].map(
      code => byCode.look_up_string(code)?.dup_string('name') ?? null),
  };
}

function run(storePath, folder) {
  const store = Arbor.Store.open(storePath);
  for (const [name, [file, at]] of Object.entries(TABLES))
    store.import_file(name, `${folder}/${file}`, new Arbor.LoadOptions({at}));

  const answers = {
    ...ofCountries(store.get('countries')),
    ...ofSubdivisions(store.get('subdivisions')),
    ...ofLanguages(store.get('languages'), store.get('codes')),
    ...ofCurrenciesAndScripts(store.get('currencies'), store.get('scripts')),
    ...ofSeveralTables(store.get('countries'), store.get('subdivisions'), store.get('languages'),
      store.get('codes')),
  };
  for (const [name, answer] of Object.entries(answers)) {
    const native = answer instanceof Arbor.Arbor || answer instanceof Arbor.Tree
      ? answer.to_native() : answer;
    print(`${name}\t${JSON.stringify(native)}`);
  }
  store.close();
}

if (ARGV.length !== 2) {
  printerr('usage: questions.js STORE FOLDER');
  System.exit(2);
}
run(ARGV[0], ARGV[1]);
