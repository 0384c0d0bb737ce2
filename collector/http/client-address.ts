import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Gives the address a request comes from. */
export type AddressReader = (request: {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: IncomingHttpHeaders;
}) => string;

/**
 * Behind declared proxies (`loopback`, addresses, CIDR ranges) the client is the last address of `X-Forwarded-For` that is
 * not itself one of them: whatever stands before it was written by the client. Without a declared proxy the header means
 * nothing.
 */
export function addressReader(behindProxy: readonly string[]): AddressReader {
  const proxies = new BlockList();
  for (const entry of behindProxy) {
    if (entry === 'loopback') {
      proxies.addSubnet('127.0.0.0', 8, 'ipv4');
      proxies.addAddress('::1', 'ipv6');
      continue;
    }
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(bits), family);
  }
  const isProxy = (address: string) =>
    isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

  return request => {
    let address = plain(request.socket.remoteAddress ?? 'unknown');
    const header = request.headers['x-forwarded-for'];
    const hops = (typeof header === 'string' ? header : (header ?? []).join(','))
      .split(',')
      .map(hop => plain(hop.trim()));
    while (isProxy(address)) {
      const hop = hops.pop();
      if (hop === undefined || isIP(hop) === 0) break;
      address = hop;
    }
    return address;
  };
}

/** An IPv4 address as a dual-stack socket writes it, in its own notation. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}
