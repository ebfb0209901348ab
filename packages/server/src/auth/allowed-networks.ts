import ipaddr from "ipaddr.js";

export type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** Reads `auth.allowed_ips`; an entry that is invalid is dropped, and named in `warnings`. */
export function allowedNetworks(entries: readonly string[], warnings: string[]): Network[] | undefined {
  return entries.length === 0 ? undefined : entries.flatMap((entry) => network(entry, warnings));
}

function network(entry: string, warnings: string[]): Network[] {
  if (ipaddr.isValidCIDR(entry)) return [ipaddr.parseCIDR(entry)];
  // isValid takes "127.1" and "0x7f000001" too: nobody means those in an allow-list.
  if (ipaddr.IPv4.isValidFourPartDecimal(entry) || ipaddr.IPv6.isValid(entry)) {
    const address = ipaddr.process(entry); // as a source is read: ::ffff:10.0.0.1 is 10.0.0.1
    return [[address, address.kind() === "ipv4" ? 32 : 128]];
  }
  warnings.push(`auth.allowed_ips: ${JSON.stringify(entry)} is neither an IP address nor a CIDR; it is dropped.`);
  return [];
}

export function isWithin(networks: readonly Network[], source: string | undefined): boolean {
  if (source === undefined || !ipaddr.isValid(source)) return false;
  const address = ipaddr.process(source); // ::ffff:10.0.0.1 is 10.0.0.1
  return networks.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
}
