#!/usr/bin/python3
"""The questions of oracle.py, asked of a store in Python.

    questions.py STORE FOLDER

Imports the tables of the folder into the new store. Prints as oracle.py does.
"""

import json
import sys

import gi

gi.require_version("Arbor", "1.0")
from gi.repository import Arbor

TABLES = {
    "countries": ("iso_3166-1.json", "3166-1"),
    "subdivisions": ("iso_3166-2.json", "3166-2"),
    "languages": ("iso_639-3.json", "639-3"),
    "codes": ("iso_639-2.json", "639-2"),
    "currencies": ("iso_4217.json", "4217"),
    "scripts": ("iso_15924.json", "15924"),
}

path = Arbor.path
COUNTRY = path("code").substring(0, 2)


def by_country(table):
    return table.group_by(country=COUNTRY)


def questions(store):
    """Gives the name and the answer of each."""
    countries, subdivisions = store["countries"], store["subdivisions"]
    languages, codes = store["languages"], store["codes"]
    currencies, scripts = store["currencies"], store["scripts"]

    yield "countries", len(countries)
    yield "countries_with_a", (countries.filter(path("alpha_2").starts_with("A"))
                               .select("alpha_2", "name"))
    yield "longest_country_names", (countries.top_k(10, path("name").len(), descending=True)
                                    .select("name", length="len(name)"))
    yield "countries_with_official_name", countries.count_matches(path("official_name").exists())
    yield "official_name_without_name", (
        countries.filter(~path("official_name").contains(path("name"))).sort_by("alpha_3")
        .select("alpha_3", "official_name"))
    yield "common_names", (countries.filter(path("common_name").exists()).sort_by("name")
                           .select("common_name", "name"))
    yield "country_of_flag", (countries.filter(path("flag") == "\U0001f1eb\U0001f1f7")
                              .select("alpha_2", "name", "numeric"))
    yield "flags_are_two_characters", countries.all_of("len(flag) == 2")
    form = path("official_name").extract("Republic|Kingdom|Principality|State|Commonwealth")
    yield "forms_of_state", countries.filter(form != None).value_counts(form)  # noqa: E711
    yield "countries_by_first_letter", (
        countries.group_by(letter="substring(alpha_2, 0, 1)")
        .aggregate(n="count()", official="count(official_name)", last="max(name)")
        .sort_by("letter"))

    yield "subdivision_types", subdivisions.value_counts("type").head(10)
    yield "countries_by_subdivisions", (by_country(subdivisions).aggregate(n="count()")
                                        .top_k(10, "n", "country", descending=[True, False]))
    yield "types_in_four_countries", (
        subdivisions.filter(COUNTRY.is_in(["FR", "GB", "ES", "IT"]))
        .group_by("type", country=COUNTRY).aggregate(n="count()")
        .sort_by("country", "n", "type", descending=[False, True, False])
        .select("country", "type", "n"))
    yield "groups_of_groups", (
        subdivisions.group_by("type", country=COUNTRY).aggregate(each="count()")
        .group_by("country").aggregate(types="count()", n="sum(each)", most="max(each)")
        .top_k(12, "types", "country", descending=[True, False]))
    nested = by_country(subdivisions.filter(path("code").starts_with("M")).sort_by(COUNTRY))
    yield "nested_groups", [
        {"country": key["country"], "types": members.value_counts("type").to_python()}
        for key, members in nested]
    yield "many_types", (by_country(subdivisions).aggregate(types="n_unique(type)")
                         .filter("types >= 5")
                         .sort_by("types", "country", descending=[True, False]))
    yield "subdivisions_with_parent", len(subdivisions.filter("exists(parent)"))
    yield "largest_parents", (subdivisions.filter("exists(parent)").value_counts("parent")
                              .head(8))
    yield "parents_by_country", (
        by_country(subdivisions)
        .aggregate(n="count()", inner="count(parent)", parents="n_unique(parent)")
        .filter(path("inner") * 2 > path("n")).sort_by("country"))
    yield "first_and_last_names", (
        by_country(subdivisions.filter(COUNTRY.is_in(["DE", "AT", "CH"])))
        .aggregate(first="min(name)", last="max(name)").sort_by("country"))
    yield "subdivisions_with_numbers", subdivisions.count_matches(
        path("code").match("^[A-Z]{2}-[0-9]+$"))
    yield "first_of_each_type", (subdivisions.unique_by("type").sort_by("type").head(15)
                                 .select("type", "code"))

    yield "languages_by_scope_and_type", (
        languages.group_by("scope", "type").aggregate(n="count()", short="count(alpha_2)")
        .sort_by("n", "scope", "type", descending=[True, False, False]))
    yield "languages_without_short_code", (languages.filter(path("alpha_2").is_missing())
                                           .value_counts("type"))
    yield "inverted_arabic", (languages.filter('inverted_name starts_with "Arabic,"')
                              .sort_by("inverted_name").select("alpha_3", "inverted_name"))
    yield "heads_of_inverted_names", (
        languages.filter("exists(inverted_name)")
        .add_fields(head='get(split(inverted_name, ", "), 0)').value_counts("head").head(10))
    yield "macrolanguages", (languages.filter((path("scope") == "M") & path("alpha_2").exists())
                             .aggregate(n="count()", first="min(name)", last="max(name)"))
    yield "words_of_languages", (languages.select(word="split(name)").explode("word")
                                 .value_counts("word").head(12))
    yield "lengths_of_languages", languages.add_fields(length="len(name)").aggregate(
        n="count()", sum="sum(length)", mean="round(mean(length), 6)",
        std="round(std(length), 6)", median="median(length)", tenth="quantile(length, 0.1)",
        max="max(length)")
    yield "histogram_of_lengths", languages.histogram("len(name)", 8)

    yield "bibliographic_codes", (codes.filter("exists(bibliographic)")
                                  .sort_by("bibliographic", descending=True)
                                  .select("alpha_3", "bibliographic"))
    yield "language_families", codes.filter(path("name").ends_with(" languages")).aggregate(
        n="count()", short="count(alpha_2)", names='sum(len(split(name, "; ")))')

    number = 'to_number(lstrip(numeric, "0"))'
    yield "currencies_by_hundred", (
        currencies.group_by({"from": f"{number} div 100 * 100"})
        .aggregate(n="count()", first="min(alpha_3)").sort_by("from"))
    yield "currencies_960_to_969", (currencies.filter(f"{number} is_between (960, 969)")
                                    .sort_by("numeric").select("numeric", "name"))
    yield "dollars", [row["alpha_3"] for row in
                      currencies.filter(path("name").contains("Dollar")).sort_by("name")]
    yield "scripts_by_hundred", (
        scripts.group_by(hundred="substring(numeric, 0, 1)")
        .aggregate(n="count()", letters="round(mean(len(name)), 6)").sort_by("hundred"))
    yield "variants_of_scripts", [row["alpha_4"] for row in
                                  scripts.filter(r"name match '\\(.* variant\\)$'")]
    yield "scripts_described", scripts.describe()

    yield "countries_without_subdivisions", [
        row["alpha_2"] for row in countries.join(subdivisions, "alpha_2", COUNTRY, how="anti")]
    yield "parts_of_belgium", (subdivisions.filter(COUNTRY == "BE")
                               .join(subdivisions, "parent", "code")
                               .select("code", "name", "name_right"))
    yield "names_of_large_countries", (
        by_country(subdivisions).aggregate(n="count()")
        .top_k(10, "n", "country", descending=[True, False])
        .join(countries, "country", "alpha_2").select("name", "n"))
    yield "countries_with_three_parts", (
        countries.nest(subdivisions, "alpha_2", COUNTRY, field="parts").filter("len(parts) == 3")
        .select("name", parts="map(parts, @.name)"))
    yield "other_names_of_languages", (codes.join(languages, "alpha_3")
                                       .count_matches(path("name") != path("name_right")))
    by_code = countries.index_by("alpha_3")
    yield "names_by_code", [by_code[code]["name"] if code in by_code else None
                            for code in ("FRA", "NZL", "XXX")]


def main():
    with Arbor.Store.open(sys.argv[1]) as store:
        for name, (file, at) in TABLES.items():
            store.import_file(name, f"{sys.argv[2]}/{file}", at=at)
        for name, answer in questions(store):
            if isinstance(answer, (Arbor.Arbor, Arbor.Tree)):
                answer = answer.to_python()
            print(name, json.dumps(answer, ensure_ascii=False), sep="\t")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: questions.py STORE FOLDER")
    main()
