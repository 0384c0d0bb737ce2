import type { Firewall } from '../../../../shared/device/facts.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import {
  parseActiveUnits,
  parseIptablesSave,
  parseNftRuleset,
  parseUfwConf,
  parseUfwStatus,
} from '../parse/firewall-linux.ts';
import { parseSocketfilterfw } from '../parse/macos.ts';
import type { RegistryKey } from '../parse/reg.ts';
import { windowsFirewall, windowsFirewallFromRegistry } from '../parse/windows.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { registryKey } from '../windows/registry.ts';
import { windowsSection } from '../windows/round.ts';

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
  if (!nft.ok && nft.reason === 'not-installed' && !iptables.ok && iptables.reason === 'not-installed') {
    return unanswered('not-installed', 'neither nft nor iptables is there to list the packet filter');
  }
  const failed = !nft.ok && nft.reason === 'not-installed' ? iptables : nft;
  return failed.ok ? unanswered('command-failed', 'the packet filter could not be listed') : failed;
}

const POLICY = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall';
const LOCAL = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy';

/** The cmdlet knows Group Policy and MDM; where it has no answer, the registry of both policy and local settings does. */
async function windows({ probe, round, signal }: ScanContext): Promise<Answer<Firewall>> {
  const rows = await windowsSection(probe, round, 'firewall', signal);
  if (rows.ok && rows.value.length > 0) {
    const products = await windowsSection(probe, round, 'firewallProducts', signal);
    return windowsFirewall(rows.value, products.ok ? products.value : null);
  }
  const key = async (path: string): Promise<RegistryKey | null> => {
    const found = await registryKey(probe, path, signal);
    return found.ok ? found.value : null;
  };
  const profile = async (name: string) => ({
    policy: await key(`${POLICY}\\${name}`),
    local: await key(`${LOCAL}\\${name}`),
  });
  const [domain, standard, open] = await Promise.all([
    profile('DomainProfile'),
    profile('StandardProfile'),
    profile('PublicProfile'),
  ]);
  const known = windowsFirewallFromRegistry({ domain, private: standard, public: open });
  return known.ok || rows.ok ? known : rows;
}

async function macos({ probe, signal }: ScanContext): Promise<Answer<Firewall>> {
  const args = ['--getglobalstate', '--getblockall', '--getstealthmode'];
  const ran = await probe.command('socketfilterfw', args, { signal });
  return ran.ok ? parseSocketfilterfw(ran.stdout) : ran;
}

const read = perPlatform({ windows, macos, linux });

export function firewallScan() {
  return defineScan({
    id: 'fw.enabled',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
