export const overview = `Lakehouse from a terminal: CSVs in, SQL out.

  lakehouse status                                 is every service well?
  lakehouse ingest FILE… [--name NAME] [--append]  make CSVs datasets
  lakehouse datasets [NAME]                        what is there, and of which columns
  lakehouse sql "SELECT …" [--format FORMAT]       ask it
  lakehouse search INDEX "TEXT" [-k HITS]          what is near in meaning
  lakehouse chat [--model MODEL] "PROMPT"          ask a model

\`lakehouse COMMAND --help\` tells all of one command. \`-\` stands for standard input.

Options of every command:
  --url URL           of the gateway; else LAKEHOUSE_URL, else http://127.0.0.1:3110
  --token-file FILE   holds the bearer token, readable by you alone (chmod 600); else LAKEHOUSE_TOKEN or AUTH_TOKEN,
                      else the file that LAKEHOUSE_TOKEN_FILE names, else ~/.config/lakehouse/token
  --help, --version

Exit codes:
  0    done
  1    refused: the service answered 4xx, and will again unless the request changes
  2    usage: the command line, or a file that it names, is wrong
  3    unreachable: the gateway can't be reached, or the connection broke
  4    failed: the service answered 5xx; try again, or look at \`lakehouse status\`
  130  interrupted by Ctrl-C, which stops the query or upload at the service too

Results go to standard output; progress, notes and errors to standard error. An error is a sentence, a stable code and the
request_id that is in the services' logs.
`;
