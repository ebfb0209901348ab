/** Writes the ten units and lakehouse.target beside this file; with --check, fails where they are stale. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ServiceName, serviceNames } from "@lakehouse/contracts";

interface ServiceUnit {
  about: string;
  /** Started before it. Not required: it waits for them by itself and serves what it can. */
  after: ServiceName[];
  /** More of it is a leak or an abuse: the kernel ends it, systemd starts it anew. */
  memoryMax: string;
  /** The only places where it may write: what is backed up, and what may be lost. */
  state?: string;
  cache?: string[];
}

const services: Record<ServiceName, ServiceUnit> = {
  storaged: { about: "objects", after: [], memoryMax: "1G", state: "objects" },
  catalogd: { about: "what datasets are", after: ["storaged"], memoryMax: "1G" },
  ingestd: { about: "CSV in", after: ["storaged", "catalogd"], memoryMax: "2G", cache: ["spool"] },
  queryd: {
    about: "SQL out",
    after: ["storaged", "catalogd"],
    memoryMax: "3G",
    cache: ["query-cache", "query-temp"],
  },
  vectord: { about: "nearest neighbours", after: ["storaged"], memoryMax: "50%" },
  embedd: { about: "texts to vectors", after: [], memoryMax: "1G" },
  pathwayd: { about: "memory of traces", after: [], memoryMax: "2G", state: "pathway" },
  matrixd: { about: "retrieval over many corpora", after: ["embedd", "vectord"], memoryMax: "1G" },
  chatd: { about: "one door to every model", after: [], memoryMax: "1G" },
  gateway: {
    about: "the one door",
    after: serviceNames.filter((service) => service !== "gateway"),
    memoryMax: "1G",
  },
};

const unitOf = (service: ServiceName) => `lakehouse-${service}.service`;
const listOf = (names: ServiceName[]) => names.map(unitOf).join(" ");
const under = (folders: string[]) => folders.map((folder) => `lakehouse/${folder}`).join(" ");

function serviceUnit(service: ServiceName, { about, after, memoryMax, state, cache = [] }: ServiceUnit): string {
  return `# Written by scripts/systemd/write-units.ts. What is to be otherwise on one machine: systemctl edit ${unitOf(service)}
[Unit]
Description=Lakehouse ${service}: ${about}
Documentation=file:/opt/lakehouse/current/docs/operations.md
PartOf=lakehouse.target
Wants=network-online.target
After=${["network-online.target", listOf(after)].join(" ").trim()}
# Never given up.
StartLimitIntervalSec=0

[Service]
# Started means: it answers. Node can't write to systemd's socket itself, so the word comes from a child, systemd-notify.
Type=notify
NotifyAccess=all
ExecStart=/opt/lakehouse/current/node_modules/.bin/node /opt/lakehouse/current/services/${service}/src/main.ts -config /etc/lakehouse/lakehouse.toml
# Takes [auth] anew, without a pause.
ExecReload=/bin/kill -HUP $MAINPID
# Two seconds after a failure, a minute after many; before systemd 254, which knows no steps, always two seconds.
Restart=on-failure
RestartSec=2s
RestartSteps=8
RestartMaxDelaySec=1min
TimeoutStartSec=2min
# Longer than [server].shutdown_grace, in which requests in flight finish.
TimeoutStopSec=30s

EnvironmentFile=-/etc/lakehouse/auth.env
Environment=LAKEHOUSE_AUTH_ENV_FILE=/etc/lakehouse/auth.env
Environment=NODE_COMPILE_CACHE=/var/cache/lakehouse/code
Environment=MALLOC_ARENA_MAX=1
# On disk, where /tmp may be memory.
Environment=TMPDIR=/var/tmp

User=lakehouse
Group=lakehouse
UMask=0027
${state ? `StateDirectory=${under([state])}\nStateDirectoryMode=0750\n` : ""}CacheDirectory=${under(["code", ...cache])}
CacheDirectoryMode=0750
MemoryMax=${memoryMax}
LimitNOFILE=65536
# A dump would hold tokens.
LimitCORE=0

# It reads the system, writes in its own folders, and speaks HTTP. MemoryDenyWriteExecute is not among these: V8 compiles
# JavaScript into memory that it then runs.
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
LockPersonality=yes
RemoveIPC=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
KeyringMode=private
# Unix sockets for systemd-notify, netlink for Node's list of the machine's addresses.
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# Refused, not killed: Node asks for more files than it may have, and goes on without.
SystemCallErrorNumber=EPERM
`;
}

const target = `# Written by scripts/systemd/write-units.ts. To run without one of them: systemctl mask lakehouse-chatd.service
[Unit]
Description=Lakehouse: ten services behind one gateway
Documentation=file:/opt/lakehouse/current/docs/operations.md
${serviceNames.map((service) => `Wants=${unitOf(service)}`).join("\n")}
# Started means: all of them answer.
After=${listOf([...serviceNames])}

[Install]
WantedBy=multi-user.target
`;

const files = Object.fromEntries([
  ...serviceNames.map((service) => [unitOf(service), serviceUnit(service, services[service])]),
  ["lakehouse.target", target],
]) as Record<string, string>;

const stale = Object.entries(files).filter(([name, text]) => read(name) !== text);
if (!process.argv.includes("--check")) {
  for (const [name, text] of stale) writeFileSync(join(import.meta.dirname, name), text);
} else if (stale.length > 0) {
  process.stderr.write(`stale: ${stale.map(([name]) => name).join(", ")}; run scripts/systemd/write-units.ts\n`);
  process.exitCode = 1;
}

function read(name: string): string {
  return readFileSync(join(import.meta.dirname, name), { encoding: "utf8", flag: "a+" });
}
