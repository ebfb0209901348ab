import { type ServiceName, servicePorts } from "@lakehouse/contracts/common";
import { z } from "zod";
import {
  address,
  type ConfigKey,
  checkedList,
  choice,
  count,
  duration,
  flag,
  fraction,
  parseSize,
  size,
  tables,
  text,
  textList,
  url,
  type ValueOf,
} from "./config-keys.ts";
import { canonicalHostName, canonicalOrigin } from "./host-names.ts";
import { tokenSchema } from "./token-config.ts";

const bind = (service: ServiceName) =>
  address("Where the service listens; port 0 takes a free one.", `127.0.0.1:${servicePorts[service]}`);
const peer = (service: ServiceName) => url(`Where ${service} is.`, `http://127.0.0.1:${servicePorts[service]}`);
const folder = (about: string, fallback: string) => text(about, fallback, { folder: true });
const privateFile = (about: string, fallback: string) => text(about, fallback, { privateFile: true });

const sizeSchema = z.unknown().transform((value, context) => {
  const bytes = parseSize(value);
  if (bytes === undefined) context.addIssue({ code: "custom", message: "not a size" });
  return bytes ?? 0;
});

const prefixCapSchema = z.strictObject({ prefix: z.string().min(1), max_put_bytes: sizeSchema });

const bucketSchema = z.discriminatedUnion("backend", [
  z.strictObject({ name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/), backend: z.literal("fs") }),
  z.strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/),
    backend: z.literal("s3"),
    endpoint: z.url().exactOptional(),
    region: z.string().min(1).default("us-east-1"),
    bucket: z.string().min(1),
    path_style: z.boolean().default(true),
  }),
]);
export type BucketConfig = z.output<typeof bucketSchema>;

const GiB = 2 ** 30;

/** Every key of `lakehouse.toml`, once: defaults, checks, environment names and `docs/configuration.md` come from here. */
export const configSchema = {
  server: {
    shutdown_grace: duration("How long a stopping service lets requests in flight finish.", "10s"),
    request_timeout: duration("Deadline of a call to a peer.", "30s"),
    hosts: checkedList(
      "Names under which requests may come while no token is configured, beside IP addresses and localhost.",
      'host names without scheme, port or path, such as "lake.example"',
      canonicalHostName,
    ),
    origins: checkedList(
      "Web origins whose pages may call; the gateway answers their CORS requests.",
      'origins of scheme, host and port alone, such as "https://app.example"',
      canonicalOrigin,
    ),
  },
  log: {
    level: choice(
      "The least severe line that is logged.",
      ["trace", "debug", "info", "warn", "error", "fatal"],
      "info",
    ),
  },
  auth: {
    token: text("Bearer token that every request must carry; empty: see token_env.", "", { secret: true }),
    token_env: text("Environment variable that holds the token when `token` is empty.", "AUTH_TOKEN"),
    secondary_tokens: textList("Accepted beside the token, for rotation.", [], { secret: true }),
    tokens: tables(
      "Tokens that may do less than everything: name, token or token_env, role or scopes, and expires_at, datasets, requests_per_minute.",
      tokenSchema,
      "tables of name, token or token_env, role or scopes, and perhaps expires_at, datasets, requests_per_minute",
      [],
      { distinct: "name", secret: "token" },
    ),
    env_file: privateFile(
      "File of `NAME=value` lines that stands for the environment in what concerns [auth]; read again on SIGHUP. Empty: none.",
      "",
    ),
    allowed_ips: textList(
      "Sources (CIDR or bare IP) that may call; keep loopback in it for the services themselves.",
      [],
    ),
  },
  telemetry: {
    otlp_endpoint: url("Where traces are sent (OTLP over HTTP, `/v1/traces` is added); empty: no traces.", "", {
      optional: true,
    }),
    sample_ratio: fraction(
      "Part of the traces begun here that is kept; who sends a traceparent decides for its own.",
      1,
      1,
    ),
  },
  secrets: {
    path: privateFile(
      "TOML file with one table of S3 credentials a bucket; mode 0600 or 0640, or no service starts.",
      "/etc/lakehouse/secrets.toml",
    ),
  },
  gateway: {
    bind: bind("gateway"),
    storaged_url: peer("storaged"),
    catalogd_url: peer("catalogd"),
    ingestd_url: peer("ingestd"),
    queryd_url: peer("queryd"),
    vectord_url: peer("vectord"),
    embedd_url: peer("embedd"),
    pathwayd_url: peer("pathwayd"),
    matrixd_url: peer("matrixd"),
    chatd_url: peer("chatd"),
    request_timeout: duration("Longest silence of an upstream that is waited out.", "10m"),
  },
  storaged: {
    bind: bind("storaged"),
    data_dir: folder("Root of the `fs` buckets, one folder each.", ".data/objects"),
    max_put_bytes: size("Largest object a PUT may bring.", "256 MiB"),
    put_slots: count("PUTs at once; one more is 503 `storage_busy`.", 4, 1),
    prefix_caps: tables(
      "Other limits for keys under a prefix; the longest prefix wins.",
      prefixCapSchema,
      "tables of prefix and max_put_bytes",
      [
        { prefix: "_vectors/", max_put_bytes: 4 * GiB },
        { prefix: "datasets/", max_put_bytes: 4 * GiB },
      ],
      { distinct: "prefix" },
    ),
    buckets: tables(
      "The buckets: name, backend, and for s3 endpoint, region, bucket, path_style.",
      bucketSchema,
      'tables of name and backend = "fs" | "s3" (s3: endpoint, region, bucket, path_style)',
      [{ name: "primary", backend: "fs" }],
      { distinct: "name" },
    ),
  },
  catalogd: {
    bind: bind("catalogd"),
    storaged_url: peer("storaged"),
    gc_grace: duration("Age an object that no manifest lists must have before it is removed.", "15m"),
    gc_every: duration("How often garbage is collected; 0 turns it off.", "1h"),
  },
  ingestd: {
    bind: bind("ingestd"),
    storaged_url: peer("storaged"),
    catalogd_url: peer("catalogd"),
    spool_dir: folder("Where uploads wait while they are read.", ".data/spool"),
    max_ingest_bytes: size("Largest CSV.", "256 MiB"),
    ingest_slots: count("Ingests at once; one more is 503 `ingest_busy`.", 2, 1),
  },
  queryd: {
    bind: bind("queryd"),
    catalogd_url: peer("catalogd"),
    storaged_url: peer("storaged"),
    refresh_every: duration("How often the views are checked against the catalog without a query.", "30s"),
    query_timeout: duration("Longest a query may run.", "30s"),
    max_concurrent: count("Queries at once; 0: two a core.", 0),
    memory_limit: size("Memory of the SQL engine.", "1 GiB"),
    threads: count("Threads of the SQL engine; 0: one a core.", 0),
    temp_dir: folder("Where the engine spills and exports are made.", ".data/query-temp"),
    object_access: choice("How the engine reads objects.", ["auto", "direct", "cache", "httpfs"], "auto"),
    cache_dir: folder("Where `cache` keeps objects.", ".data/query-cache"),
    cache_max_bytes: size("Bound of `cache_dir`.", "20 GiB"),
    extension_directory: text("Where DuckDB's extensions are; empty: DuckDB's own place.", ""),
    install_extensions: flag("Whether httpfs may be fetched from DuckDB's extension server.", false),
  },
  vectord: {
    bind: bind("vectord"),
    storaged_url: url("Where indexes are kept; empty: memory only.", `http://127.0.0.1:${servicePorts.storaged}`, {
      optional: true,
    }),
    engine: choice("The engine that builds and searches the graphs.", ["native", "hnswlib-node"], "native"),
    full_scan_threshold: count("A filter that leaves fewer candidates is answered by an exact scan.", 10_000),
    fold_bytes: size("Log size at which an index is written anew.", "64 MiB"),
    fold_idle: duration("Idle time after which an index is written anew.", "5s"),
    max_add_bytes: size("Largest body of an add.", "64 MiB"),
    shards: count("Threads that share one index; 0: as many as cores, less one.", 0),
  },
  embedd: {
    bind: bind("embedd"),
    provider: choice("Who embeds.", ["hashing", "ollama", "openai"], "hashing"),
    model: text("Model when a request names none; empty: the provider's own default.", ""),
    dimension: count("Numbers a vector; 0: learnt from the first answer (hashing: 768).", 0),
    ollama_url: url("Where Ollama is.", "http://127.0.0.1:11434"),
    openai_url: url("Base of an OpenAI-compatible API.", "https://api.openai.com/v1"),
    openai_key_env: text("Environment variable with its key.", "OPENAI_API_KEY"),
    cache_size: count("Texts whose vectors are remembered; 0 = off.", 10_000),
    max_batch: count("Most texts a request.", 512, 1),
    max_text_bytes: size("Longest text.", "32 KiB"),
    batch_timeout: duration("Deadline of a whole batch.", "60s"),
  },
  pathwayd: {
    bind: bind("pathwayd"),
    log_path: folder("The append-only log of traces.", ".data/pathway/traces.jsonl"),
  },
  matrixd: {
    bind: bind("matrixd"),
    embedd_url: peer("embedd"),
    vectord_url: peer("vectord"),
    playbook_max_distance: fraction("How near a past query must be to lift its answers.", 0.35, 2),
  },
  chatd: {
    bind: bind("chatd"),
    timeout: duration("Longest a model may take for its answer; in a stream, for the next piece of it.", "2m"),
    ollama_url: url("Where Ollama is.", "http://127.0.0.1:11434"),
    ...cloudProvider("ollama_cloud", "https://ollama.com", "OLLAMA_API_KEY"),
    ...cloudProvider("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    ...cloudProvider("opencode", "https://opencode.ai/zen/v1", "OPENCODE_API_KEY"),
    ...cloudProvider("kimi", "https://api.moonshot.ai/v1", "KIMI_API_KEY"),
  },
  models: {
    local_fast: text("Tier: quick local answers.", "qwen3:4b"),
    local_embed: text("Tier: local embeddings.", "nomic-embed-text"),
    local_judge: text("Tier: local judging.", "qwen3:8b"),
    local_review: text("Tier: local review.", "qwen3:14b"),
    local_hot: text("Tier: the local model kept warm.", "qwen3:8b"),
    cloud_judge: text("Tier: judging in the cloud.", "gpt-oss:20b-cloud"),
    cloud_review: text("Tier: review in the cloud.", "gpt-oss:120b-cloud"),
    cloud_strong: text("Tier: strong in the cloud.", "deepseek-v3.1:671b-cloud"),
    frontier_review: text("Tier: frontier review.", "openrouter/anthropic/claude-sonnet-4.5"),
    frontier_arch: text("Tier: frontier architecture.", "openrouter/openai/gpt-5"),
    frontier_strong: text("Tier: frontier, strongest.", "openrouter/anthropic/claude-opus-4.1"),
    frontier_free: text("Tier: frontier, free of charge.", "openrouter/deepseek/deepseek-chat-v3.1:free"),
    weak_models: textList("Models that search the whole matrix; others are cut to one corpus.", ["qwen3:4b"]),
  },
} as const;

function cloudProvider<P extends string>(provider: P, base: string, keyEnv: string) {
  return {
    [`${provider}_url`]: url(`Base of ${provider}, version folder included.`, base),
    [`${provider}_key_env`]: text(`Environment variable with the key of ${provider}.`, keyEnv),
    [`${provider}_key_file`]: privateFile(
      `File of KEY=VALUE lines with that variable, read when the environment has none; mode 0600 or 0640, or chatd does not start.`,
      `/etc/lakehouse/${provider}.env`,
    ),
  } as Record<`${P}_url` | `${P}_key_env` | `${P}_key_file`, ConfigKey<string>>;
}

export type ConfigSchema = typeof configSchema;
export type SectionName = keyof ConfigSchema;
export type Config = { [S in SectionName]: { [K in keyof ConfigSchema[S]]: ValueOf<ConfigSchema[S][K]> } };
