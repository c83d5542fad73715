import ipaddr from 'ipaddr.js';

/** All of IPv6 that is routed on the internet; what lies outside is special even where no registry lists it. */
const IPV6_GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** Azure serves instance metadata at this address of its public range. */
const AZURE_WIRE_SERVER = '168.63.129.16';

/**
 * Whether an IP address is one of the public internet: unicast, and none of the IANA special-purpose registries (private,
 * loopback, link-local, shared, benchmarking, documentation, multicast, reserved) nor one that carries an IPv4 address
 * to which a gateway may lead (IPv4-mapped, 6to4, NAT64, Teredo). Cloud metadata services live in those ranges too.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address) || address === AZURE_WIRE_SERVER) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(IPV6_GLOBAL_UNICAST);
}
