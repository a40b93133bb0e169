#!/usr/bin/python3
"""Questions about people of nested fields, many of them null or missing; the library's answers
against those of plain Python.

    players.py FILE

FILE is JSON Lines, perhaps compressed by xz, of the people of the Lahman baseball database:
playerID; name and birth with their parts; weight, height, bats, throws, debut, finalGame, which may
be null; death, which may be missing. Each question is a pair of functions: of the arbor, and of the
list of dicts.
"""

import collections
import datetime
import lzma
import json
import statistics
import sys
import tempfile

import gi

gi.require_version("Arbor", "1.0")
from gi.repository import Arbor

from compare import canonical
from oracle import counts, groups

path = Arbor.path


def ids(rows):
    return [row["playerID"] for row in rows]


def numbers(rows, name):
    return [row[name] for row in rows if row.get(name) is not None]


def day(text):
    return datetime.date.fromisoformat(text)


def lives(rows):
    """The age at death by years alone, of who has both years."""
    return [(row, row["death"]["year"] - row["birth"]["year"]) for row in rows
            if row.get("death", {}).get("year") is not None and row["birth"]["year"] is not None]


QUESTIONS = {}


def question(of_arbor):
    """A decorator of the oracle's function, beside which the library's stands."""
    def keep(of_rows):
        QUESTIONS[of_rows.__name__] = (of_arbor, of_rows)
        return of_rows
    return keep


@question(lambda people: len(people))
def how_many(rows):
    return len(rows)


@question(lambda people: people.count_matches(path("height") > 80))
def tall(rows):
    return sum(row["height"] is not None and row["height"] > 80 for row in rows)


@question(lambda people: ids(people.filter("birth.year is_between (1880, 1889) and bats == 'L' and "
                                           "throws == 'R' and birth.country != 'USA'")))
def left_and_right_from_abroad(rows):
    return ids(row for row in rows if row["birth"]["year"] is not None
               and 1880 <= row["birth"]["year"] <= 1889 and row["bats"] == "L"
               and row["throws"] == "R" and row["birth"]["country"] != "USA")


@question(lambda people: people.count_matches("is_missing(death)"))
def without_death(rows):
    return sum("death" not in row for row in rows)


@question(lambda people: people.count_matches("is_null(birth.month) and exists(birth.year)"))
def without_birth_month(rows):
    return sum(row["birth"]["month"] is None for row in rows)


@question(lambda people: people.count_matches("not (weight > 200 and height > 75)"))
def not_heavy_and_tall(rows):
    """Three-valued: where one is null, the other must be false."""
    def is_false(value, limit):
        return value is not None and value <= limit
    return sum(is_false(row["weight"], 200) or is_false(row["height"], 75) for row in rows)


@question(lambda people: people.value_counts("birth.country"))
def countries(rows):
    return counts(row["birth"]["country"] for row in rows)


@question(lambda people: people.value_counts("bats"))
def bats(rows):
    return counts(row["bats"] for row in rows)


@question(lambda people: people.group_by("bats", "throws").aggregate(n="count()"))
def hands(rows):
    return [{"bats": key[0], "throws": key[1], "n": len(found)}
            for key, found in groups(rows, lambda row: (row["bats"], row["throws"])).items()]


@question(lambda people: people.group_by(decade="birth.year div 10 * 10")
          .aggregate(n="count()", height="round(mean(height), 6)", heaviest="max(weight)")
          .sort_by("decade"))
def decades(rows):
    def decade(row):
        year = row["birth"]["year"]
        return None if year is None else year // 10 * 10
    result = []
    for key, found in groups(rows, decade).items():
        heights, weights = numbers(found, "height"), numbers(found, "weight")
        result.append({"decade": key, "n": len(found),
                       "height": round(statistics.fmean(heights), 6) if heights else None,
                       "heaviest": max(weights, default=None)})
    return sorted(result, key=lambda row: (row["decade"] is None, row["decade"]))


@question(lambda people: ids(people.sort_by("height", "weight", descending=[True, False])))
def all_by_height_and_weight(rows):
    def key(row):
        height, weight = row["height"], row["weight"]
        return (height is None, -(height or 0), weight is None, weight or 0)
    return ids(sorted(rows, key=key))


@question(lambda people: ids(people.top_k(50, "birth.year", "birth.month", "birth.day")))
def oldest(rows):
    def key(row):
        parts = [row["birth"][part] for part in ("year", "month", "day")]
        return [(part is None, part or 0) for part in parts]
    return ids(sorted(rows, key=key)[:50])


@question(lambda people: ids(people.sort_by("death.year", descending=True).tail(100)))
def missing_last(rows):
    def key(row):
        return ("death" not in row, -row["death"]["year"] if "death" in row else 0)
    return ids(sorted(rows, key=key)[-100:])


@question(lambda people: people.unique_by("birth.country").select("playerID", "birth.country"))
def first_of_each_country(rows):
    found = groups(rows, lambda row: row["birth"]["country"])
    return [{"playerID": each[0]["playerID"], "birth.country": country}
            for country, each in found.items()]


@question(lambda people: people.filter("birth.country == 'USA'").group_by(state="birth.state")
          .aggregate(n="count()", cities="n_unique(birth.city)")
          .sort_by("cities", "state", descending=[True, False]).head(15))
def states_by_cities(rows):
    found = groups((row for row in rows if row["birth"]["country"] == "USA"),
                   lambda row: row["birth"]["state"])
    result = [{"state": state, "n": len(each), "cities": len({r["birth"]["city"] for r in each})}
              for state, each in found.items()]
    return sorted(result, key=lambda row: (-row["cities"], row["state"]))[:15]


@question(lambda people: people.group_by(country="birth.country", state="birth.state")
          .aggregate(n="count()").group_by("country")
          .aggregate(states="count()", n="sum(n)", most="max(n)").filter("states > 3"))
def groups_of_groups(rows):
    result = []
    for country, found in groups(rows, lambda row: row["birth"]["country"]).items():
        each = collections.Counter(row["birth"]["state"] for row in found)
        if len(each) > 3:
            result.append({"country": country, "states": len(each), "n": len(found),
                           "most": max(each.values())})
    return result


@question(lambda people: [{"country": key["country"], "tallest": ids(members.top_k(
    3, "height", descending=True))} for key, members in people.group_by(country="birth.country")])
def tallest_of_each_country(rows):
    def key(row):
        return (row["height"] is None, -(row["height"] or 0))
    return [{"country": country, "tallest": ids(sorted(found, key=key)[:3])}
            for country, found in groups(rows, lambda row: row["birth"]["country"]).items()]


@question(lambda people: people.aggregate(
    n="count(height)", sum="sum(height)", mean="round(mean(height), 9)",
    std="round(std(height), 9)", median="median(height)", low="quantile(height, 0.25)",
    least="min(height)", kinds="n_unique(height)"))
def heights(rows):
    values = numbers(rows, "height")
    return {"n": len(values), "sum": sum(values), "mean": round(statistics.fmean(values), 9),
            "std": round(statistics.stdev(values), 9), "median": statistics.median(values),
            "low": statistics.quantiles(values, n=4, method="inclusive")[0], "least": min(values),
            "kinds": len(set(values))}


@question(lambda people: people.histogram("weight", 16))
def weights(rows):
    values = numbers(rows, "weight")
    low, width = min(values), (max(values) - min(values)) / 16
    bins = [{"from": low + i * width, "to": low + (i + 1) * width, "count": 0} for i in range(16)]
    for value in values:
        bins[min(int((value - low) / width), 15)]["count"] += 1
    return bins


@question(lambda people: people.add_fields(life="death.year - birth.year").filter("life != null")
          .top_k(20, "life", "playerID", descending=[True, False]).select("playerID", "life"))
def longest_lives(rows):
    order = sorted(lives(rows), key=lambda each: (-each[1], each[0]["playerID"]))
    return [{"playerID": row["playerID"], "life": life} for row, life in order[:20]]


@question(lambda people: people.add_fields(days="date_diff(finalGame, debut, 'day')")
          .aggregate(n="count(days)", sum="sum(days)", most="max(days)",
                     more="count(null_if(days, 0))"))
def careers(rows):
    days = [(day(row["finalGame"]) - day(row["debut"])).days for row in rows
            if row["debut"] is not None and row["finalGame"] is not None]
    return {"n": len(days), "sum": sum(days), "most": max(days), "more": sum(d != 0 for d in days)}


@question(lambda people: people.filter("exists(debut)").value_counts("weekday(debut)"))
def weekdays_of_debuts(rows):
    return counts(None if row["debut"] is None else day(row["debut"]).weekday() for row in rows)


@question(lambda people: people.select(given='split(name.given)').explode("given")
          .value_counts("given").head(25))
def given_names(rows):
    return counts(name for row in rows for name in row["name"]["given"].split())[:25]


@question(lambda people: people.filter("name.first == extract(name.given, '^[^ ]+')").group_by(
    initial="upper(substring(name.last, 0, 1))").aggregate(n="count()").sort_by("initial"))
def called_by_the_first_name(rows):
    found = collections.Counter(row["name"]["last"][:1].upper() for row in rows
                                if row["name"]["first"] == row["name"]["given"].split(" ")[0] != "")
    return [{"initial": initial, "n": n} for initial, n in sorted(found.items())]


@question(lambda people: people.filter("death.country != birth.country")
          .group_by({"from": "birth.country", "to": "death.country"}).aggregate(n="count()")
          .sort_by("n", "from", "to", descending=[True, False, False]).head(30))
def moves(rows):
    found = collections.Counter((row["birth"]["country"], row["death"]["country"]) for row in rows
                                if "death" in row
                                and row["birth"]["country"] != row["death"]["country"])
    order = sorted(found.items(), key=lambda each: (-each[1], each[0]))[:30]
    return [{"from": key[0], "to": key[1], "n": n} for key, n in order]


@question(lambda people: people.count_matches("name.last match '^(Mc|Mac|O\\')[A-Z]' or "
                                              "lower(name.last) contains ' '"))
def names_of_two_parts(rows):
    return sum(row["name"]["last"].startswith(("Mc", "Mac", "O'"))
               and row["name"]["last"].removeprefix("Mac" if row["name"]["last"].startswith("Mac")
                                                    else row["name"]["last"][:2])[:1].isupper()
               or " " in row["name"]["last"] for row in rows)


@question(lambda people: people.describe().filter("distinct is_between (1, 1024)"))
def described(rows):
    """Figures of the paths with few values, in their order. Missing is what an object lacks."""
    result = []
    for name in ("bats", "birth.country", "birth.day", "birth.month", "birth.state", "birth.year",
                 "death.country", "death.year", "height", "throws", "weight"):
        *outer, key = name.split(".")
        objects = [row[outer[0]] for row in rows if outer[0] in row] if outer else rows
        values = [each[key] for each in objects if key in each]
        real = [value for value in values if value is not None]
        kind = "string" if isinstance(real[0], str) else "int"
        result.append({"path": name, "count": len(real), "nulls": values.count(None),
                       "missing": len(objects) - len(values), "kinds": {kind: len(real)},
                       "min": min(real), "max": max(real),
                       "mean": statistics.fmean(real) if kind == "int" else None,
                       "distinct": len(set(real))})
    return result


def native(answer):
    return answer.to_python() if isinstance(answer, (Arbor.Arbor, Arbor.Tree)) else answer


def main():
    name = sys.argv[1]
    with (lzma.open if name.endswith(".xz") else open)(name, "rt", encoding="utf-8") as stream:
        text = stream.read()
    rows = [json.loads(line) for line in text.splitlines()]
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="arbor-players-") as folder:
        with open(f"{folder}/people.jsonl", "w", encoding="utf-8") as stream:
            stream.write(text)
        with Arbor.Store.open(f"{folder}/players.arbor") as store:
            store.import_file("people", f"{folder}/people.jsonl")
            for each, (of_arbor, of_rows) in QUESTIONS.items():
                found = canonical(native(of_arbor(store["people"])))
                expected = canonical(of_rows(rows))
                if found != expected:
                    wrong += 1
                    print(f"{each}:\n  expected {expected[:2000]}\n  found    {found[:2000]}")
    print(f"{len(QUESTIONS)} questions on {len(rows)} trees, {wrong} wrong")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: players.py FILE")
    main()
