import type { CitrixWorkspace } from '../../../../shared/device/facts-software.ts';
import { type Answer, answered, outcome } from '../answer.ts';
import { systemPackages } from '../linux/packages.ts';
import { bundleVersion } from '../macos/bundles.ts';
import { shortText } from '../parse/keys.ts';
import { registryText } from '../parse/reg.ts';
import { upstreamVersion, windowsCitrix } from '../parse/software.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { registryKey } from '../windows/registry.ts';
import { windowsSection } from '../windows/round.ts';

const ABSENT: CitrixWorkspace = { installed: false, version: null, scope: null };

/** Where deployment scripts of Citrix look for the client's version; the 32-bit half also on 64-bit Windows. */
const CLIENT_KEY = 'HKLM\\SOFTWARE\\WOW6432Node\\Citrix\\PluginPackages\\XenAppSuite\\ICA_Client';

async function windows({ probe, round, signal }: ScanContext): Promise<Answer<CitrixWorkspace>> {
  const rows = await windowsSection(probe, round, 'citrix', signal);
  if (rows.ok) return answered(windowsCitrix(rows.value));
  // Without PowerShell the machine-wide client can still be seen; that it is not there could not, since a person may have their own.
  const client = await registryKey(probe, CLIENT_KEY, signal);
  if (!client.ok) return rows;
  return answered({ installed: true, version: registryText(client.value, 'Version'), scope: 'machine' });
}

async function macos({ probe, signal }: ScanContext): Promise<Answer<CitrixWorkspace>> {
  for (const bundle of ['/Applications/Citrix Workspace.app', '/Applications/Citrix Receiver.app']) {
    const there = await probe.exists(bundle);
    if (!there.ok) return there;
    if (there.value) {
      return answered({
        installed: true,
        version: await bundleVersion(probe, bundle, signal),
        scope: 'machine',
      });
    }
  }
  return answered(ABSENT);
}

/** Packages are called icaclient on Debian and ICAClient on Red Hat systems; the archive for both unpacks to the same folder. */
async function linux({ probe, signal }: ScanContext): Promise<Answer<CitrixWorkspace>> {
  const packages = await systemPackages(probe, signal);
  const found = packages.ok ? packages.value.find(one => /^icaclient$/i.test(one.name)) : undefined;
  if (found !== undefined) {
    const version = found.version === null ? null : shortText(upstreamVersion(found.version));
    return answered({ installed: true, version, scope: 'machine' });
  }
  const folder = await probe.exists('/opt/Citrix/ICAClient/wfica');
  if (!folder.ok) return folder;
  if (!folder.value) return answered(ABSENT);
  const names = await probe.list('/opt/Citrix/ICAClient/pkginf');
  const file = names.ok ? names.value.find(one => /^Ver\.core\.linux/.test(one)) : undefined;
  const text = file === undefined ? null : await probe.readFile(`/opt/Citrix/ICAClient/pkginf/${file}`);
  const version = text?.ok === true ? (/\d+(\.\d+)+/.exec(text.value)?.[0] ?? null) : null;
  return answered({ installed: true, version, scope: 'machine' });
}

const read = perPlatform({ windows, macos, linux });

export function citrixWorkspaceScan() {
  return defineScan({
    id: 'app.citrixWorkspace',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
