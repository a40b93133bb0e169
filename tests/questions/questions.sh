#!/usr/bin/env bash
# The questions of oracle.py, asked with the arbor command.
#
#     questions.sh ARBOR STORE FOLDER
#
# Imports the tables of the folder into the new store; ARBOR is the command. Prints as oracle.py
# does. What has two stages goes through a pipe into another table of the store.
set -eu -o pipefail

arbor=$1 store=$2 folder=$3

table ()
{
  "$arbor" import "$store" "$1" --at "$3" "$folder/$2" >/dev/null
}

query ()
{
  "$arbor" query "$store" "$@"
}

# Reads the trees of a new table.
keep ()
{
  "$arbor" import "$store" "$1" - >/dev/null
}

# The lines of standard input as one array.
array ()
{
  printf '[%s]' "$(paste -sd, -)"
}

# ask NAME ARGUMENT...: the trees of a query are the answer.
ask ()
{
  local name=$1

  shift
  printf '%s\t%s\n' "$name" "$(query "$@" | array)"
}

# one NAME ARGUMENT...: what the query prints, one line, is.
one ()
{
  local name=$1

  shift
  printf '%s\t%s\n' "$name" "$(query "$@")"
}

country='country=substring(code, 0, 2)'
number='to_number(lstrip(numeric, "0"))'

ask_countries ()
{
  local form='extract(official_name, "Republic|Kingdom|Principality|State|Commonwealth")'

  one countries countries --count
  ask countries_with_a countries 'alpha_2 starts_with "A"' --pick alpha_2,name
  ask longest_country_names countries --group 'name,length=len(name)' --sort length:desc --limit 10
  one countries_with_official_name countries 'exists(official_name)' --count
  ask official_name_without_name countries 'not (official_name contains name)' --sort alpha_3 \
    --pick alpha_3,official_name
  ask common_names countries 'exists(common_name)' --sort name --pick common_name,name
  ask country_of_flag countries 'flag == "🇫🇷"' --pick alpha_2,name,numeric
  one flags_are_two_characters countries --agg 'all=all(len(flag) == 2)' --jsonpath '$.all'
  ask forms_of_state countries "$form != null" --group "value=$form" --agg 'count=count()' \
    --sort count:desc
  ask countries_by_first_letter countries --group 'letter=substring(alpha_2, 0, 1)' \
    --agg 'n=count()' --agg 'official=count(official_name)' --agg 'last=max(name)' --sort letter
}

ask_subdivisions ()
{
  local each nested

  ask subdivision_types subdivisions --group value=type --agg 'count=count()' --sort count:desc \
    --limit 10
  ask countries_by_subdivisions subdivisions --group "$country" --agg 'n=count()' \
    --sort n:desc,country --limit 10
  ask types_in_four_countries subdivisions 'substring(code, 0, 2) in ["FR", "GB", "ES", "IT"]' \
    --group "$country,type" --agg 'n=count()' --sort country,n:desc,type

  query subdivisions --group "$country,type" --agg 'n=count()' | keep types
  ask groups_of_groups types --group country --agg 'types=count()' --agg 'n=sum(n)' \
    --agg 'most=max(n)' --sort types:desc,country --limit 12
  nested=$(
    query types 'country starts_with "M"' --unique country --sort country --jsonpath '$.country' |
      while read -r each; do
        printf '{"country":%s,"types":%s}\n' "$each" "$(
          query subdivisions "substring(code, 0, 2) == $each" --group value=type \
            --agg 'count=count()' --sort count:desc | array)"
      done | array)
  printf 'nested_groups\t%s\n' "$nested"
  query subdivisions --group "$country" --agg 'types=n_unique(type)' | keep figures
  ask many_types figures 'types >= 5' --sort types:desc,country

  one subdivisions_with_parent subdivisions 'exists(parent)' --count
  ask largest_parents subdivisions 'exists(parent)' --group value=parent --agg 'count=count()' \
    --sort count:desc --limit 8
  query subdivisions --group "$country" --agg 'n=count()' --agg 'inner=count(parent)' \
    --agg 'parents=n_unique(parent)' | keep figures
  ask parents_by_country figures 'inner * 2 > n' --sort country
  ask first_and_last_names subdivisions 'substring(code, 0, 2) in ["DE", "AT", "CH"]' \
    --group "$country" --agg 'first=min(name)' --agg 'last=max(name)' --sort country
  one subdivisions_with_numbers subdivisions 'code match "^[A-Z]{2}-[0-9]+$"' --count
  ask first_of_each_type subdivisions --sort type --unique type --limit 15 --pick type,code
}

ask_languages ()
{
  ask languages_by_scope_and_type languages --group scope,type --agg 'n=count()' \
    --agg 'short=count(alpha_2)' --sort n:desc,scope,type
  ask languages_without_short_code languages 'is_missing(alpha_2)' --group value=type \
    --agg 'count=count()' --sort count:desc
  ask inverted_arabic languages 'inverted_name starts_with "Arabic,"' --sort inverted_name \
    --pick alpha_3,inverted_name
  ask heads_of_inverted_names languages 'exists(inverted_name)' \
    --group 'value=get(split(inverted_name, ", "), 0)' --agg 'count=count()' --sort count:desc \
    --limit 10
  one macrolanguages languages 'scope == "M" and exists(alpha_2)' --agg 'n=count()' \
    --agg 'first=min(name)' --agg 'last=max(name)'
  query languages --group 'alpha_3,words=split(name)' | keep words
  ask words_of_languages words --explode words --group value=words --agg 'count=count()' \
    --sort count:desc --limit 12
  one lengths_of_languages languages --agg 'n=count()' --agg 'sum=sum(len(name))' \
    --agg 'mean=round(mean(len(name)), 6)' --agg 'std=round(std(len(name)), 6)' \
    --agg 'median=median(len(name))' --agg 'tenth=quantile(len(name), 0.1)' \
    --agg 'max=max(len(name))'

  ask bibliographic_codes codes 'exists(bibliographic)' --sort bibliographic:desc \
    --pick alpha_3,bibliographic
  one language_families codes 'name ends_with " languages"' --agg 'n=count()' \
    --agg 'short=count(alpha_2)' --agg 'names=sum(len(split(name, "; ")))'
}

ask_currencies_and_scripts ()
{
  ask currencies_by_hundred currencies --group "from=$number div 100 * 100" --agg 'n=count()' \
    --agg 'first=min(alpha_3)' --sort from
  ask currencies_960_to_969 currencies "$number is_between (960, 969)" --sort numeric \
    --pick numeric,name
  ask dollars currencies 'name contains "Dollar"' --sort name --jsonpath '$.alpha_3'
  ask scripts_by_hundred scripts --group 'hundred=substring(numeric, 0, 1)' --agg 'n=count()' \
    --agg 'letters=round(mean(len(name)), 6)' --sort hundred
  ask variants_of_scripts scripts "name match '\\\\(.* variant\\\\)\$'" --jsonpath '$.alpha_4'
}

table countries iso_3166-1.json 3166-1
table subdivisions iso_3166-2.json 3166-2
table languages iso_639-3.json 639-3
table codes iso_639-2.json 639-2
table currencies iso_4217.json 4217
table scripts iso_15924.json 15924

ask_countries
ask_subdivisions
ask_languages
ask_currencies_and_scripts
