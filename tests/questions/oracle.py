#!/usr/bin/python3
"""What is asked of the tables of iso-codes, answered without the library.

    oracle.py FOLDER

Each function below is a question and its name; it takes the tables as lists of dicts and gives the
answer as JSON would hold it. Sorting by str is sorting by code points, which is sorting by the
bytes of UTF-8. Printed is a line for each: the name, a tab, the answer as JSON.
"""

import collections
import json
import re
import statistics
import sys

# The name of each table in the store, its file, and where in the file it lies.
TABLES = {
    "countries": ("iso_3166-1.json", "3166-1"),
    "subdivisions": ("iso_3166-2.json", "3166-2"),
    "languages": ("iso_639-3.json", "639-3"),
    "codes": ("iso_639-2.json", "639-2"),
    "currencies": ("iso_4217.json", "4217"),
    "scripts": ("iso_15924.json", "15924"),
}


class Tables:
    def __init__(self, folder):
        for name, (file, at) in TABLES.items():
            with open(f"{folder}/{file}", encoding="utf-8") as stream:
                setattr(self, name, json.load(stream)[at])


QUESTIONS = {}


def question(function):
    QUESTIONS[function.__name__] = function
    return function


def fields(row, *names):
    return {name: row[name] for name in names if name in row}


def counts(values):
    """As value_counts does: the most frequent first, of equal ones the one that was met first."""
    return [{"value": value, "count": n} for value, n in collections.Counter(values).most_common()]


def groups(rows, key):
    found = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def country_of(subdivision):
    return subdivision["code"][:2]


@question
def countries(t):
    return len(t.countries)


@question
def countries_with_a(t):
    return [fields(row, "alpha_2", "name") for row in t.countries if row["alpha_2"].startswith("A")]


@question
def longest_country_names(t):
    rows = sorted(t.countries, key=lambda row: -len(row["name"]))[:10]
    return [{"name": row["name"], "length": len(row["name"])} for row in rows]


@question
def countries_with_official_name(t):
    return sum("official_name" in row for row in t.countries)


@question
def official_name_without_name(t):
    rows = [row for row in t.countries
            if "official_name" in row and row["name"] not in row["official_name"]]
    return [fields(row, "alpha_3", "official_name")
            for row in sorted(rows, key=lambda row: row["alpha_3"])]


@question
def common_names(t):
    rows = [row for row in t.countries if "common_name" in row]
    return [fields(row, "common_name", "name") for row in sorted(rows, key=lambda row: row["name"])]


@question
def country_of_flag(t):
    return [fields(row, "alpha_2", "name", "numeric") for row in t.countries
            if row["flag"] == "\U0001f1eb\U0001f1f7"]


@question
def flags_are_two_characters(t):
    return all(len(row["flag"]) == 2 for row in t.countries)


@question
def forms_of_state(t):
    found = [re.search("Republic|Kingdom|Principality|State|Commonwealth", row["official_name"])
             for row in t.countries if "official_name" in row]
    return counts(match.group() for match in found if match)


@question
def countries_by_first_letter(t):
    found = sorted(groups(t.countries, lambda row: row["alpha_2"][0]).items())
    return [{"letter": letter, "n": len(rows), "official": sum("official_name" in r for r in rows),
             "last": max(row["name"] for row in rows)} for letter, rows in found]


@question
def subdivision_types(t):
    return counts(row["type"] for row in t.subdivisions)[:10]


@question
def countries_by_subdivisions(t):
    found = groups(t.subdivisions, country_of)
    order = sorted(found, key=lambda country: (-len(found[country]), country))[:10]
    return [{"country": country, "n": len(found[country])} for country in order]


@question
def types_in_four_countries(t):
    rows = [row for row in t.subdivisions if country_of(row) in ("FR", "GB", "ES", "IT")]
    found = groups(rows, lambda row: (country_of(row), row["type"]))
    order = sorted(found, key=lambda key: (key[0], -len(found[key]), key[1]))
    return [{"country": key[0], "type": key[1], "n": len(found[key])} for key in order]


@question
def groups_of_groups(t):
    """Country and type first, then country alone over what that gave."""
    result = []
    for country, rows in groups(t.subdivisions, country_of).items():
        each = collections.Counter(row["type"] for row in rows)
        result.append({"country": country, "types": len(each), "n": len(rows),
                       "most": max(each.values())})
    return sorted(result, key=lambda row: (-row["types"], row["country"]))[:12]


@question
def nested_groups(t):
    """For each country with an M: what types it has, and how many of each."""
    found = groups(t.subdivisions, country_of)
    return [{"country": country, "types": counts(row["type"] for row in found[country])}
            for country in sorted(found) if country.startswith("M")]


@question
def many_types(t):
    found = groups(t.subdivisions, country_of)
    types = {country: len({row["type"] for row in rows}) for country, rows in found.items()}
    order = sorted(types, key=lambda country: (-types[country], country))
    return [{"country": each, "types": types[each]} for each in order if types[each] >= 5]


@question
def subdivisions_with_parent(t):
    return sum("parent" in row for row in t.subdivisions)


@question
def largest_parents(t):
    return counts(row["parent"] for row in t.subdivisions if "parent" in row)[:8]


@question
def parents_by_country(t):
    found = groups(t.subdivisions, country_of)
    result = [{"country": country, "n": len(rows),
               "inner": sum("parent" in row for row in rows),
               "parents": len({row["parent"] for row in rows if "parent" in row})}
              for country, rows in found.items()]
    result = [row for row in result if row["inner"] * 2 > row["n"]]
    return sorted(result, key=lambda row: row["country"])


@question
def first_and_last_names(t):
    found = groups(t.subdivisions, country_of)
    return [{"country": each, "first": min(row["name"] for row in found[each]),
             "last": max(row["name"] for row in found[each])} for each in ("AT", "CH", "DE")]


@question
def subdivisions_with_numbers(t):
    return sum(bool(re.search("^[A-Z]{2}-[0-9]+$", row["code"])) for row in t.subdivisions)


@question
def first_of_each_type(t):
    first = {}
    for row in t.subdivisions:
        first.setdefault(row["type"], row)
    return [fields(first[each], "type", "code") for each in sorted(first)[:15]]


@question
def languages_by_scope_and_type(t):
    found = groups(t.languages, lambda row: (row["scope"], row["type"]))
    order = sorted(found, key=lambda key: (-len(found[key]), key))
    return [{"scope": key[0], "type": key[1], "n": len(found[key]),
             "short": sum("alpha_2" in row for row in found[key])} for key in order]


@question
def languages_without_short_code(t):
    return counts(row["type"] for row in t.languages if "alpha_2" not in row)


@question
def inverted_arabic(t):
    rows = [row for row in t.languages if row.get("inverted_name", "").startswith("Arabic,")]
    return [fields(row, "alpha_3", "inverted_name")
            for row in sorted(rows, key=lambda row: row["inverted_name"])]


@question
def heads_of_inverted_names(t):
    return counts(row["inverted_name"].split(", ")[0] for row in t.languages
                  if "inverted_name" in row)[:10]


@question
def macrolanguages(t):
    rows = [row for row in t.languages if row["scope"] == "M" and "alpha_2" in row]
    return {"n": len(rows), "first": min(row["name"] for row in rows),
            "last": max(row["name"] for row in rows)}


@question
def words_of_languages(t):
    return counts(word for row in t.languages for word in row["name"].split())[:12]


@question
def lengths_of_languages(t):
    lengths = [len(row["name"]) for row in t.languages]
    quantiles = statistics.quantiles(lengths, n=10, method="inclusive")
    return {"n": len(lengths), "sum": sum(lengths), "mean": round(statistics.fmean(lengths), 6),
            "std": round(statistics.stdev(lengths), 6), "median": statistics.median(lengths),
            "tenth": quantiles[0], "max": max(lengths)}


@question
def histogram_of_lengths(t):
    lengths = [len(row["name"]) for row in t.languages]
    low, width = min(lengths), (max(lengths) - min(lengths)) / 8
    bins = [{"from": low + i * width, "to": low + (i + 1) * width, "count": 0} for i in range(8)]
    for length in lengths:
        bins[min(int((length - low) / width), 7)]["count"] += 1
    return bins


@question
def bibliographic_codes(t):
    rows = [row for row in t.codes if "bibliographic" in row]
    return [fields(row, "alpha_3", "bibliographic")
            for row in sorted(rows, key=lambda row: row["bibliographic"], reverse=True)]


@question
def language_families(t):
    rows = [row for row in t.codes if row["name"].endswith(" languages")]
    return {"n": len(rows), "short": sum("alpha_2" in row for row in rows),
            "names": sum(len(row["name"].split("; ")) for row in rows)}


@question
def currencies_by_hundred(t):
    found = groups(t.currencies, lambda row: int(row["numeric"]) // 100 * 100)
    return [{"from": start, "n": len(rows), "first": min(row["alpha_3"] for row in rows)}
            for start, rows in sorted(found.items())]


@question
def currencies_960_to_969(t):
    rows = [row for row in t.currencies if 960 <= int(row["numeric"]) <= 969]
    return [fields(row, "numeric", "name") for row in sorted(rows, key=lambda row: row["numeric"])]


@question
def dollars(t):
    rows = [row for row in t.currencies if "Dollar" in row["name"]]
    return [row["alpha_3"] for row in sorted(rows, key=lambda row: row["name"])]


@question
def scripts_by_hundred(t):
    found = groups(t.scripts, lambda row: row["numeric"][0])
    return [{"hundred": each, "n": len(rows),
             "letters": round(statistics.fmean(len(row["name"]) for row in rows), 6)}
            for each, rows in sorted(found.items())]


@question
def variants_of_scripts(t):
    return [row["alpha_4"] for row in t.scripts if re.search(r"\(.* variant\)$", row["name"])]


@question
def scripts_described(t):
    result = []
    for path in ("alpha_4", "name", "numeric"):
        values = [row[path] for row in t.scripts]
        result.append({"path": path, "count": len(values), "nulls": 0, "missing": 0,
                       "kinds": {"string": len(values)}, "min": min(values), "max": max(values),
                       "mean": None, "distinct": len(set(values))})
    return result


@question
def countries_without_subdivisions(t):
    found = {country_of(row) for row in t.subdivisions}
    return [row["alpha_2"] for row in t.countries if row["alpha_2"] not in found]


@question
def parts_of_belgium(t):
    """A table joined with itself, by the parent of one and the code of the other."""
    by_code = {row["code"]: row for row in t.subdivisions}
    return [{"code": row["code"], "name": row["name"], "name_right": by_code[row["parent"]]["name"]}
            for row in t.subdivisions if country_of(row) == "BE" and row.get("parent") in by_code]


@question
def names_of_large_countries(t):
    names = {row["alpha_2"]: row["name"] for row in t.countries}
    found = groups(t.subdivisions, country_of)
    order = sorted(found, key=lambda country: (-len(found[country]), country))[:10]
    return [{"name": names[country], "n": len(found[country])} for country in order]


@question
def countries_with_three_parts(t):
    found = groups(t.subdivisions, country_of)
    return [{"name": row["name"], "parts": [each["name"] for each in found[row["alpha_2"]]]}
            for row in t.countries if len(found.get(row["alpha_2"], [])) == 3]


@question
def other_names_of_languages(t):
    names = {row["alpha_3"]: row["name"] for row in t.languages}
    return sum(names.get(row["alpha_3"], row["name"]) != row["name"] for row in t.codes)


@question
def names_by_code(t):
    names = {row["alpha_3"]: row["name"] for row in t.countries}
    return [names.get(code) for code in ("FRA", "NZL", "XXX")]


def main():
    tables = Tables(sys.argv[1])
    for name, function in QUESTIONS.items():
        print(name, json.dumps(function(tables), ensure_ascii=False), sep="\t")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: oracle.py FOLDER")
    main()
