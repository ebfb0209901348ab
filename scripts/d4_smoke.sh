#!/usr/bin/env bash
# Ingest: CSV as people write it, types by every value, clear refusals, nothing left behind.
source "$(dirname "$0")/tools/smoke-lib.sh"

start storaged catalogd ingestd queryd
csv() { # csv NAME TEXT [QUERY] : ingests the text, with printf's escapes
  # shellcheck disable=SC2059 # the text is the format
  printf "$2" >"$smoke_dir/in.csv"
  http -H 'content-type: text/csv' --data-binary @"$smoke_dir/in.csv" "$ingestd_url/ingest?name=$1${3:-}"
}
refused() { # refused TEXT STATUS CODE LINE NAME CSV [QUERY]
  csv "$5" "$6" "${7:-}"
  check_equal "$1" "$2 $3 $4" "$status $(json '.code + " " + (.details.line? // "-" | tostring)')"
}
rows() { # rows TEXT WANTED SQL
  http -d "$(jq -n --arg sql "$3" '{sql: $sql}')" "$queryd_url/sql"
  check_equal "$1" "$2" "$(json '.rows | tostring')"
}
types() { json '[.columns[] | .type] | join(" ")'; }

csv kinds 'i,d,b,day,at,atz,zip,t\n-1,1.5,TRUE,2024-02-29,2024-01-02 03:04:05.5,2024-01-02T03:04:05Z,00501,x\n2,3,false,,2024-01-02T00:00:00,2024-01-02T03:04:05+02:00,10001,\n'
check_equal "every kind of value finds its type" "200 BIGINT DOUBLE BOOLEAN DATE TIMESTAMP TIMESTAMPTZ VARCHAR VARCHAR" "$status $(types)"
rows "and reads back" '[[-1,1.5,true,"2024-02-29","00501","x"],[2,3,false,null,"10001",null]]' 'SELECT i, d, b, day, zip, t FROM kinds'
csv quirks '\xEF\xBB\xBFname,note\r\n"Doe, Jane","said ""hi""\nand left"\r\n\r\nRoe,"caf\xC3\xA9"'
check_equal "BOM, CRLF, quotes, newlines in quotes, blank line, no final newline" "200 2" "$status $(json .row_count)"
rows "and reads back" '[["Doe, Jane","said \"hi\"\nand left"],["Roe","café"]]' 'SELECT name, note FROM quirks'
csv semicolons 'a;b\n1;2\n' '&delimiter=%3B'
check_equal "another delimiter" "200 BIGINT BIGINT" "$status $(types)"
csv lone 'v\n1\n\n2\n'
check_equal "in one column a blank line is a NULL row" "200 3" "$status $(json .row_count)"
csv bare 'a,b\n'
check_equal "a header alone is a dataset of no rows" "200 0" "$status $(json .row_count)"
{ echo id,zip; seq -f '%.0f,10001' 1 30000; echo 30001,00501; } >"$smoke_dir/late.csv"
check_answer "a leading zero in row 30,001" 200 -F file=@"$smoke_dir/late.csv" "$ingestd_url/ingest?name=late"
check_equal "makes the column text" "BIGINT VARCHAR" "$(types)"
key=$(json .object.key)
rows "and keeps every value" '[["10001",30000],["00501",1]]' 'SELECT zip, count(*) FROM late GROUP BY zip ORDER BY 2 DESC'

check_answer "the same upload again" 200 -F file=@"$smoke_dir/late.csv" "$ingestd_url/ingest?name=late"
check_equal "is the same object" "$key" "$(json .object.key)"
csv zips 'zip\n00501\n'
csv zips 'zip\n10001\n' '&mode=append'
check_equal "a known dataset leads: no drift where values still read as its types" "200 VARCHAR 2" "$status $(types) $(json .manifest.row_count)"
csv asked 'zip\n10001\n' '&types=zip:VARCHAR'
check_equal "types can be asked for" "200 VARCHAR" "$status $(types)"

refused "drift" 409 schema_conflict - kinds 'i,d\n1,2\n'
refused "a type that does not fit" 400 type_mismatch 3 fit 'a\n1\nx\n' '&types=a:BIGINT'
refused "an empty file" 400 empty_csv - bad ''
refused "a short row" 400 ragged_row 3 bad 'a,b\n1,2\n3\n'
refused "a long row" 400 ragged_row 2 bad 'a,b\n1,2,3\n'
refused "a quote that never ends" 400 unterminated_quote 3 bad 'a,b\n1,2\n3,"x\ny\n'
refused "text behind a closing quote" 400 invalid_quote 2 bad 'a,b\n"x"y,2\n'
refused "bytes that are not UTF-8" 400 invalid_encoding 2 bad 'a\n\xFF\n'
refused "a column named twice" 400 invalid_header 1 bad 'a,A\n1,2\n'
refused "a column without a name" 400 invalid_header 1 bad 'a,\n1,2\n'
check_answer "a bad name" 400 invalid_name -H 'content-type: text/csv' -d 'a' "$ingestd_url/ingest?name=a%20b"
check_answer "no file part" 400 missing_file -F other=1 "$ingestd_url/ingest?name=bad"
check_answer "no CSV at all" 415 unsupported_media_type -H 'content-type: application/json' -d '{}' "$ingestd_url/ingest?name=bad"
http "$catalogd_url/catalog/manifest/bad"
check_equal "nothing of it was stored" 404 "$status"
http "$storaged_url/storage/list?prefix=datasets/bad/"
check_equal "not an object" 0 "$(json '.objects | length')"

stop storaged
check_answer "with storaged down an ingest fails clearly" 502 upstream_unavailable -F file=@"$smoke_dir/late.csv" "$ingestd_url/ingest?name=fresh"
check_equal "and names it" storaged "$(json .details.upstream)"
start storaged
check "no spool file is left" test -z "$(find "$smoke_dir/spool" -type f)"

stop ingestd
export LAKEHOUSE_INGESTD_MAX_INGEST_BYTES=1000
start ingestd
check_answer "too large, by Content-Length" 413 payload_too_large -H 'content-type: text/csv' --data-binary @"$smoke_dir/late.csv" "$ingestd_url/ingest?name=big"
check_answer "too large, mid-stream" 413 payload_too_large -H 'content-type: text/csv' -H 'transfer-encoding: chunked' --data-binary @"$smoke_dir/late.csv" "$ingestd_url/ingest?name=big"
check "again no spool file is left" test -z "$(find "$smoke_dir/spool" -type f)"
