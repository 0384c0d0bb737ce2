import type { Firewall } from '../../../../shared/device/facts.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import {
  parseActiveUnits,
  parseIptablesSave,
  parseNftRuleset,
  parseUfwConf,
  parseUfwStatus,
} from '../parse/firewall-linux.ts';
import { defineScan, type ScanContext } from '../scan.ts';

function linuxFirewall(enabled: boolean, product: string): Answer<Firewall> {
  return answered({ enabled, product, profiles: null, blockAll: null, stealth: null });
}

/**
 * A firewall service that says it is on is enough for "on". "Off" needs the kernel's own rules (nft or iptables, root only):
 * that one product is switched off does not mean that nothing filters.
 */
async function linux({ probe, signal }: ScanContext): Promise<Answer<Firewall>> {
  const units = ['firewalld', 'ufw'] as const;
  const conf = await probe.readFile('/etc/ufw/ufw.conf');
  const hasUfw = conf.ok || conf.reason === 'not-permitted';
  const asked = await probe.command('systemctl', ['is-active', ...units], { signal });
  const active = asked.ok ? parseActiveUnits(asked.stdout, units) : null;
  if (active?.get('firewalld') === true) return linuxFirewall(true, 'firewalld');

  const root = probe.facts().root === true;
  if (hasUfw) {
    const configured = conf.ok ? parseUfwConf(conf.value) : conf;
    if (configured.ok && configured.value && active?.get('ufw') === true) return linuxFirewall(true, 'ufw');
    if (root) {
      const status = await probe.command('ufw', ['status'], { signal });
      const on = status.ok ? parseUfwStatus(status.stdout) : status;
      if (on.ok && on.value) return linuxFirewall(true, 'ufw');
    }
  }
  if (!root) return unanswered('not-permitted', 'only root may read the packet filter');

  const nft = await probe.command('nft', ['-j', 'list', 'ruleset'], { signal });
  if (nft.ok && nft.code === 0) {
    const filters = parseNftRuleset(nft.stdout);
    return filters.ok ? linuxFirewall(filters.value, 'nftables') : filters;
  }
  const iptables = await probe.command('iptables-save', [], { signal });
  if (iptables.ok && iptables.code === 0) {
    const filters = parseIptablesSave(iptables.stdout);
    return filters.ok ? linuxFirewall(filters.value, 'iptables') : filters;
  }
  const failed = !nft.ok && nft.reason === 'not-installed' ? iptables : nft;
  return failed.ok ? unanswered('command-failed', 'the packet filter could not be listed') : failed;
}

export function firewallScan() {
  return defineScan({
    id: 'fw.enabled',
    platforms: ['windows', 'macos', 'linux'],
    cost: 'posture',
    privilege: 'user',
    timeoutMs: 60_000,
    run: async context => outcome(await linux(context)),
  });
}
