import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../agent/core/scan/answer.ts';
import type { CommandResult } from '../../../agent/core/scan/command.ts';
import type { Probe } from '../../../agent/core/scan/probe.ts';
import { recordingName, replayProbe } from '../../../agent/core/scan/replay.ts';
import { createScanner } from '../../../agent/core/scan/run.ts';
import { findProcesses } from '../../../agent/core/scan/scans/process.ts';
import { isScanId } from '../../../shared/device/facts.ts';
import { softwareValues } from '../../../shared/device/facts-software.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import { SERVER_FACTS, serverValues } from '../../../shared/device/server-facts.ts';
import { type Subjects, subjects } from '../../../shared/device/subjects.ts';
import { findingWords } from '../../../shared/text/finding-words.ts';
import { LOCALES } from '../../../shared/text/sentence.ts';
import { ASKED, bytes, fixture, handClock, mute } from './support.ts';

const quiet = new AbortController().signal;
const IDS = Object.keys(softwareValues);

async function round(
  platform: Platform,
  probe: Probe,
  asked: Subjects = ASKED,
  ids: readonly string[] = IDS,
) {
  return await createScanner({ platform, probe, clock: handClock(), subjects: () => asked }).run(ids, quiet);
}

type Printed = string | { out?: string; err?: string; code?: number };

/** A machine whose programs print what the test says, by the name a recording of the call would have or by program. */
function printing(outputs: Record<string, Printed>, own: Partial<Probe> = {}): Probe {
  return mute({
    command: async (program, args): Promise<CommandResult> => {
      const given = outputs[recordingName(program, args)] ?? outputs[program];
      if (given === undefined) return { ok: false, reason: 'not-installed' };
      const { out = '', err = '', code = 0 } = typeof given === 'string' ? { out: given } : given;
      return { ok: true, stdout: bytes(out), stderr: bytes(err), code };
    },
    ...own,
  });
}

const facts = (root: boolean | null): Partial<Probe> => ({ facts: () => ({ ...mute().facts(), root }) });
const has = (paths: readonly string[]): Partial<Probe> => ({
  exists: async path => ({ ok: true, value: paths.includes(path) }),
});
const only = async (id: string, platform: Platform, probe: Probe, asked?: Subjects) =>
  (await round(platform, probe, asked, [id]))[id];
const section = (id: string, data: unknown): string => JSON.stringify({ id, ok: true, ms: 1, data });
const row = (rows: unknown, id: string): unknown =>
  Array.isArray(rows) ? rows.find(one => one.id === id) : undefined;
function rowOf(found: unknown, list: string, id: string): unknown {
  const value = (found as { value?: Record<string, unknown> }).value;
  return row(value?.[list], id);
}

describe('the software of a recorded Windows laptop', async () => {
  const found = await round('windows', replayProbe(fixture('windows-laptop')));

  it('takes the client’s version and not that of a part in the list of programs', () => {
    expect(found['app.citrixWorkspace']).toMatchObject({
      value: { installed: true, version: '25.3.10.69', scope: 'machine' },
    });
  });

  it('names the newest of the programs that fit, and nothing that was not asked for', () => {
    expect(found['app.installed']).toMatchObject({
      value: {
        apps: [
          { id: 'shield', installed: true, version: '9.12.0', publisher: 'Contoso, Ltd.' },
          { id: 'viewer', installed: true, version: null },
          { id: 'torrent', installed: false, reason: null },
        ],
      },
    });
  });

  it('picks the valid certificate of two, with its key, by common name and by full name', () => {
    const good = { found: true, valid: true, hasPrivateKey: true, notAfter: Date.UTC(2027, 11, 31) };
    expect(found['cert.device']).toMatchObject({
      value: {
        certificates: [
          { id: 'device', ...good, issuer: 'Contoso Device CA' },
          { id: 'full', ...good },
          { id: 'other', found: false, valid: false },
        ],
      },
    });
  });

  it('joins what dsregcmd says with the DNS name of the domain', () => {
    expect(found['join.domain']).toMatchObject({
      value: {
        joinType: 'hybrid',
        adDomain: 'corp.contoso.example',
        entraDeviceId: '7f1c2d3e-4a5b-4c6d-8e9f-0a1b2c3d4e5f',
        workplaceJoined: false,
      },
    });
    expect(found['sso.prt']).toMatchObject({
      value: { present: true, updatedAt: Date.UTC(2026, 10, 21, 22, 10, 5) },
    });
  });

  it('leaves the person out of both', () => {
    expect(JSON.stringify(found)).not.toMatch(/alex|NgcKeyId|00112233445566778899/i);
  });

  it('counts missing updates by class and leaves virus definitions to the antivirus', () => {
    expect(found['update.missing']).toMatchObject({
      value: { total: 2, security: 1, critical: 0, restart: true, listedAt: null },
    });
  });

  it('takes the last patch that succeeded, not a definition and not a failure', () => {
    expect(found['update.lastInstalled']).toMatchObject({
      value: { installedAt: Date.UTC(2026, 10, 12, 9, 20), title: expect.stringContaining('KB5068861') },
    });
    expect(found['update.lastCheck']).toMatchObject({
      value: { checkedAt: Date.UTC(2026, 10, 21, 5, 12, 33), atLeast: false },
    });
    expect(found['update.auto']).toMatchObject({ value: { enabled: true, installs: false, enforced: true } });
  });

  it('is managed by the enrolment, not by the plumbing beside it, and synced last when it last went well', () => {
    expect(found['mdm.enrolled']).toMatchObject({
      value: { enrolled: true, provider: 'MS DM Server', server: 'enrollment.manage.microsoft.com' },
    });
    expect(found['mdm.lastSync']).toMatchObject({
      value: { syncedAt: Date.UTC(2026, 10, 21, 21, 30, 15), lastTryOk: true },
    });
  });

  it('tells a tunnel from an ordinary adapter and from Windows’ own transition tunnels', () => {
    expect(found['net.vpn']).toMatchObject({
      value: {
        connected: true,
        tunnels: [
          { name: 'Ethernet 3', kind: 'Citrix Secure Access', up: true },
          { name: 'Contoso VPN', kind: 'Windows', up: false },
        ],
      },
    });
  });

  it('tells a registry value that is too large, not a text, missing, or closed', () => {
    expect(found['registry.numeric']).toMatchObject({
      value: {
        values: [
          { id: 'lsa', exists: true, value: 2 },
          { id: 'big', exists: true, value: null, reason: 'not a number that fits' },
          { id: 'closed', exists: null, reason: 'not-permitted' },
        ],
      },
    });
    expect(found['registry.text']).toMatchObject({
      value: {
        values: [
          { id: 'ring', exists: true, value: 'broad: 1' },
          { id: 'groups', exists: true, value: 'one\ntwo' },
          { id: 'blob', exists: true, value: null, reason: 'not a text' },
          { id: 'not-there', exists: false, value: null, reason: null },
        ],
      },
    });
  });

  it('reads a service by numbers, and that it is not there from the number of a German error', () => {
    expect(found.service).toMatchObject({
      value: {
        services: [
          { id: 'shield', installed: true, running: true, start: 'automatic' },
          { id: 'gone', installed: false, running: false },
        ],
      },
    });
  });

  it('knows each browser’s newest version and the person’s choice', () => {
    expect(found.browser).toEqual(
      expect.objectContaining({
        value: {
          default: 'edge',
          browsers: [
            { name: 'chrome', version: '149.0.7827.54' },
            { name: 'edge', version: '149.0.3650.40' },
          ],
        },
      }),
    );
  });

  it('looks only for files of its own system', () => {
    expect(found.file).toMatchObject({
      value: {
        files: [
          {
            id: 'agent',
            exists: true,
            kind: 'file',
            version: null,
            hash: { algorithm: 'sha256', hex: expect.stringMatching(/^[0-9a-f]{64}$/) },
          },
          { id: 'forbidden-tool', exists: false, reason: null },
        ],
      },
    });
  });
});

describe('the software of a recorded Mac', async () => {
  const found = await round('macos', replayProbe(fixture('mac-laptop')));

  it('says of a maker that the system does not tell that it is not known', () => {
    expect(rowOf(found['app.installed'], 'apps', 'chat')).toMatchObject({
      installed: true,
      version: '4.2.0',
    });
    expect(rowOf(found['app.installed'], 'apps', 'chat-signed')).toMatchObject({ installed: null });
  });

  it('finds the key of an identity whose chain is not trusted here', () => {
    expect(rowOf(found['cert.device'], 'certificates', 'device')).toMatchObject({
      valid: true,
      hasPrivateKey: true,
    });
  });

  it('is joined to Entra by Platform SSO, without naming the person', () => {
    expect(found['join.domain']).toMatchObject({
      value: {
        joinType: 'entra',
        adDomainJoined: false,
        entraTenantId: '0a1b2c3d-1111-4222-8333-444455556666',
      },
    });
    expect(found['sso.prt']).toMatchObject({
      value: { present: true, updatedAt: Date.UTC(2026, 10, 21, 20, 0, 16) },
    });
    expect(JSON.stringify(found)).not.toContain('sam@');
  });

  it('takes configuration data and other people’s installers for no update of the system', () => {
    expect(found['update.lastInstalled']).toMatchObject({
      value: { title: 'macOS 26.6.2', installedAt: Date.UTC(2026, 8, 16, 8) },
    });
  });

  it('does not count a check-in that a complaint follows', () => {
    expect(found['mdm.lastSync']).toMatchObject({
      value: { syncedAt: new Date(2026, 10, 20, 10, 0, 1).getTime(), lastTryOk: false },
    });
  });

  it('knows a daemon that is on the disk and not loaded from one that is not there', () => {
    expect(found.service).toMatchObject({
      value: {
        services: [
          { id: 'shield-mac', installed: true, running: true },
          { id: 'sshd', installed: true, running: false, start: 'disabled' },
          { id: 'gone-mac', installed: false },
        ],
      },
    });
  });

  it('calls a modem no VPN and keeps quotes in a name', () => {
    expect(found['net.vpn']).toMatchObject({
      value: {
        connected: true,
        tunnels: [
          { name: 'Office \\"main\\"', kind: 'com.contoso.tunnel', up: true },
          { name: 'Lab', up: false },
        ],
      },
    });
  });

  it('reads the default browser of the person', () => {
    expect(found.browser).toMatchObject({ value: { default: 'firefox' } });
  });
});

describe('the software of a recorded Linux laptop', async () => {
  const found = await round('linux', replayProbe(fixture('linux-laptop')));

  it('takes a package whose configuration stayed behind for not installed', () => {
    expect(JSON.stringify(found)).not.toContain('apache');
    expect(rowOf(found['app.installed'], 'apps', 'openssl')).toMatchObject({ version: '3.0.17' });
    expect(rowOf(found['app.installed'], 'apps', 'player')).toMatchObject({
      installed: true,
      version: '2.1',
    });
  });

  it('says where a certificate’s key is not known and where nothing was configured', () => {
    expect(rowOf(found['cert.device'], 'certificates', 'device')).toMatchObject({
      found: true,
      valid: true,
      hasPrivateKey: null,
    });
    expect(rowOf(found['cert.device'], 'certificates', 'other')).toMatchObject({ found: null });
  });

  it('finds the tunnels the kernel and NetworkManager know, and no network’s name', () => {
    expect(found['net.vpn']).toMatchObject({
      value: {
        tunnels: [
          { name: 'Office IPsec', kind: 'vpn', up: true },
          { name: 'tun0', kind: 'tun', up: true },
          { name: 'wg-lab', kind: 'WireGuard', up: false },
        ],
      },
    });
    expect(JSON.stringify(found)).not.toContain('Guest');
  });

  it('tells security updates from others', () => {
    expect(found['update.missing']).toMatchObject({
      value: { total: 2, security: 1, updates: [{ title: 'openssl', security: true }, { security: false }] },
    });
  });

  it('takes the last upgrade, not the last installation', () => {
    expect(found['update.lastInstalled']).toMatchObject({ value: { title: 'openssl' } });
  });

  it('reads the default and not the added association', () => {
    expect(found.browser).toMatchObject({
      value: { default: 'firefox', browsers: [{ name: 'firefox', version: '140.5.0esr' }] },
    });
  });
});

describe('checks with nothing to look for', () => {
  it('do not run, cost nothing and say that nothing was configured', async () => {
    const started: string[] = [];
    const probe = mute({
      command: async program => {
        started.push(program);
        return { ok: false, reason: 'not-installed' };
      },
    });
    const ids = [
      'app.installed',
      'file',
      'process',
      'service',
      'registry.numeric',
      'registry.text',
      'cert.device',
    ];
    const found = await round('windows', probe, subjects.parse({}), ids);
    for (const id of ids) {
      expect(found[id]).toMatchObject({ status: 'absent', reason: 'not-applicable', ms: 0 });
    }
    expect(started).toEqual([]);
  });

  it('do not make Windows’ one script ask for them', async () => {
    const asked: string[] = [];
    const probe = mute({
      command: async (_program, args) => {
        asked.push(args.at(-1) ?? '');
        return { ok: false, reason: 'not-installed' };
      },
    });
    await round('windows', probe, subjects.parse({}), ['app.installed', 'process', 'net.vpn']);
    expect(asked).toEqual(['vpn']);
  });

  it('run once something is', async () => {
    const probe = printing({ powershell: section('apps', []) });
    const asked = subjects.parse({ apps: [{ id: 'a', name: 'A' }] });
    expect(await only('app.installed', 'windows', probe, asked)).toMatchObject({
      value: { apps: [{ id: 'a', installed: false }] },
    });
  });
});

describe('a service that asks for what belongs to a person', () => {
  it('says so instead of answering for itself', async () => {
    const own = printing({ dsregcmd: 'x', reg: { code: 1 }, 'app-sso': 'x' }, facts(true));
    for (const platform of ['windows', 'macos'] as const) {
      expect(await only('sso.prt', platform, own)).toMatchObject({
        status: 'failed',
        reason: 'not-permitted',
      });
    }
    const asked = subjects.parse({
      registry: [{ id: 'a', key: 'HKCU\\Software\\X', name: 'y', kind: 'text' }],
    });
    expect(await only('registry.text', 'windows', own, asked)).toMatchObject({
      status: 'failed',
      detail: 'a service has no settings of a person',
    });
  });

  it('knows nothing of a workplace the person may have joined', async () => {
    const text = replayProbe(fixture('windows-laptop'));
    const probe: Probe = { ...text, facts: () => ({ ...text.facts(), root: true }) };
    expect(await only('join.domain', 'windows', probe)).toMatchObject({
      value: { workplaceJoined: null, entraJoined: true },
    });
  });
});

describe('updates', () => {
  const searched = (rows: unknown[]) => printing({ powershell: section('updates', rows) });

  it('are none only after a search that succeeded and gave as many rows as it says', async () => {
    expect(await only('update.missing', 'windows', searched([{ Result: 2, Count: 0 }]))).toMatchObject({
      value: { total: 0, security: 0 },
    });
    for (const rows of [
      [],
      [{ Result: 4, Count: 0 }],
      [{ Result: 3, Count: 0 }],
      [{ Result: 2, Count: 1 }],
      [{}],
    ]) {
      expect(await only('update.missing', 'windows', searched(rows))).toMatchObject({ status: 'failed' });
    }
  });

  it('run in a process of their own with ten minutes to end', async () => {
    const calls: [string, number | undefined][] = [];
    const probe = mute({
      command: async (_program, args, options) => {
        calls.push([args.at(-1) ?? '', options?.timeoutMs]);
        return { ok: false, reason: 'timeout' };
      },
    });
    await round('windows', probe, ASKED, ['update.missing', 'net.vpn']);
    expect(calls.sort()).toEqual([
      ['updates', 600_000],
      ['vpn', 50_000],
    ]);
  });

  it('of a Mac that has never searched are not none', async () => {
    const none = printing({ softwareupdate: 'Software Update Tool\n\nNo new software available.\n' });
    expect(await only('update.missing', 'macos', none)).toMatchObject({
      status: 'failed',
      reason: 'no-output',
    });
    const failed = printing({
      softwareupdate: { err: "Can't connect to the Apple Software Update server\n" },
    });
    expect(await only('update.missing', 'macos', failed)).toMatchObject({ status: 'failed' });
  });

  it('are compared with the security archive alone where apt keeps no cache', async () => {
    const probe = printing(
      {
        'apt-helper':
          'Package: openssl\nArchitecture: amd64\nVersion: 3.0.18-1\n\nPackage: bash\nVersion: 5.2.15-2\n\n' +
          'Package: openssl\nVersion: 3.0.16-1\n\nPackage: unknown\nVersion: 9\n\n',
        'dpkg-query': 'installed\topenssl\t3.0.17-1\tX\ninstalled\tbash\t5.2.15-2+b1\tX\n',
      },
      {
        ...has(['/var/lib/apt/lists']),
        list: async () => ({
          ok: true,
          value: ['deb.example_debian-security_dists_x-security_main_binary-amd64_Packages.lz4', 'lock'],
        }),
      },
    );
    expect(await only('update.missing', 'linux', probe)).toMatchObject({
      value: { total: null, security: 1, updates: [{ title: 'openssl', security: true }] },
    });
  });

  it('of dnf are counted when its exit code agrees with its list', async () => {
    const list = 'Last metadata expiration check: 0:10:00 ago.\n\nopenssl.x86_64   1:3.2.2-6.el9   baseos\n';
    const dnf = (printed: Printed) => only('update.missing', 'linux', printing({ dnf: printed }));
    expect(await dnf({ out: list, code: 100 })).toMatchObject({ value: { total: 1, security: null } });
    expect(await dnf({ err: 'Repositories loaded.\n', code: 0 })).toMatchObject({ value: { total: 0 } });
    expect(await dnf({ out: '', code: 0 })).toMatchObject({ status: 'failed', reason: 'no-output' });
    expect(await dnf({ out: list, code: 0 })).toMatchObject({ status: 'failed' });
    expect(await dnf({ out: '', code: 100 })).toMatchObject({ status: 'failed' });
    expect(await dnf({ out: '', code: 1 })).toMatchObject({ status: 'failed', reason: 'command-failed' });
  });

  it('are automatic on Windows by policy first, and not when nothing could be read', async () => {
    const key = (path: string) => recordingName('reg', ['query', path, '/reg:64']);
    const au = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU';
    const service = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\wuauserv';
    const value = (path: string, name: string, number: number): Record<string, Printed> => ({
      [key(path)]:
        `\n${path.replace('HKLM', 'HKEY_LOCAL_MACHINE')}\n    ${name}    REG_DWORD    0x${number}\n`,
    });
    const auto = (outputs: Record<string, Printed>) =>
      only('update.auto', 'windows', printing({ reg: { code: 1 }, ...outputs }));
    expect(await auto(value(au, 'NoAutoUpdate', 1))).toMatchObject({
      value: { enabled: false, installs: false, enforced: true },
    });
    expect(await auto(value(service, 'Start', 4))).toMatchObject({
      value: { enabled: false, enforced: false },
    });
    expect(await auto(value(service, 'Start', 3))).toMatchObject({
      value: { enabled: true, installs: true },
    });
    expect(await auto(value(au, 'AUOptions', 4))).toMatchObject({
      value: { installs: true, enforced: true },
    });
    expect(await auto({})).toMatchObject({ status: 'failed' });
  });

  it('are not automatic on Debian when the timer that makes them so does not run', async () => {
    const probe = (timer: Printed) =>
      printing({ 'apt-config': "LISTS='1'\nUPGRADE='1'\n", systemctl: timer });
    const state = (active: string) => `LoadState=loaded\nActiveState=${active}\nUnitFileState=enabled\n`;
    expect(await only('update.auto', 'linux', probe(state('active')))).toMatchObject({
      value: { enabled: true, installs: true },
    });
    expect(await only('update.auto', 'linux', probe(state('inactive')))).toMatchObject({
      value: { enabled: false, installs: false },
    });
    expect(await only('update.auto', 'linux', probe({ code: 1 }))).toMatchObject({ status: 'unsupported' });
    const off = printing({ 'apt-config': '' });
    expect(await only('update.auto', 'linux', off)).toMatchObject({ value: { enabled: false } });
  });
});

describe('a directory', () => {
  it('is none for a Mac of which dsconfigad says nothing and Platform SSO is not set up', async () => {
    const sso =
      'Device Configuration:\n (null)\n\nLogin Configuration:\n (null)\n\nUser Configuration:\n (null)\n';
    const probe = printing({ dsconfigad: '', 'app-sso': sso });
    expect(await only('join.domain', 'macos', probe)).toMatchObject({
      value: { adDomainJoined: false, entraJoined: false, joinType: null },
    });
  });

  it('is none for Linux when realm lists none, and unknown when it cannot be asked', async () => {
    expect(await only('join.domain', 'linux', printing({ realm: '' }))).toMatchObject({
      value: { adDomainJoined: false },
    });
    expect(await only('join.domain', 'linux', printing({ realm: { code: 1 } }))).toMatchObject({
      status: 'failed',
    });
    expect(await only('join.domain', 'linux', printing({}))).toMatchObject({ reason: 'not-installed' });
  });

  it('is not told by dsregcmd when its output begins below its first heading', async () => {
    const cut = '             AzureAdJoined : YES\n+---+\n| User State |\n+---+\n NgcSet : NO\n';
    const probe = printing({
      dsregcmd: cut,
      powershell: section('domain', [{ PartOfDomain: false, Domain: 'WG' }]),
    });
    expect(await only('join.domain', 'windows', probe)).toMatchObject({
      value: { adDomainJoined: false, entraJoined: null, joinType: null },
    });
    expect(await only('sso.prt', 'windows', probe)).toMatchObject({ status: 'failed' });
  });
});

describe('management', () => {
  const mdm = (rows: unknown[]) =>
    only('mdm.enrolled', 'windows', printing({ powershell: section('mdm', rows) }));

  it('is enrolled only where an enrolment says 1', async () => {
    expect(await mdm([])).toMatchObject({ value: { enrolled: false } });
    expect(await mdm([{ Provider: 'WMI_Bridge_Server', State: 1 }])).toMatchObject({
      value: { enrolled: false },
    });
    expect(await mdm([{ Provider: 'MS DM Server', State: 2 }])).toMatchObject({ value: { enrolled: false } });
    expect(await mdm([{ Provider: 'MS DM Server', State: null }])).toMatchObject({ status: 'failed' });
  });

  it('of a Mac keeps "not approved" apart from "not enrolled"', async () => {
    const profiles = (text: string) => only('mdm.enrolled', 'macos', printing({ profiles: text }));
    expect(await profiles('Enrolled via DEP: No\nMDM enrollment: Yes\n')).toMatchObject({
      value: { enrolled: true, userApproved: false, automated: false },
    });
    expect(await profiles('Enrolled via DEP: No\nMDM enrollment: No\n')).toMatchObject({
      value: { enrolled: false, userApproved: null },
    });
    expect(await profiles('profiles: the command is not permitted\n')).toMatchObject({ status: 'failed' });
  });

  it('reads the year of a log without years as the one that is not to come', async () => {
    const log =
      'Wed Dec 31 23:50:00 mac jamf[1]: Checking for policies triggered by "recurring check-in" for user "x"...\n';
    const probe = mute({ readFile: async (): Promise<Answer<string>> => ({ ok: true, value: log }) });
    expect(await only('mdm.lastSync', 'macos', probe)).toMatchObject({
      value: { syncedAt: new Date(2025, 11, 31, 23, 50).getTime(), lastTryOk: true },
    });
  });
});

describe('the clock', () => {
  it('is known by the collector’s even where the system says nothing', async () => {
    const scanner = createScanner({
      platform: 'macos',
      probe: mute(),
      clock: handClock(),
      collectorOffsetMs: () => -4200,
    });
    const found = await scanner.run(['time.skew'], quiet);
    expect(found['time.skew']).toMatchObject({ value: { collectorOffsetMs: -4200, synchronised: null } });
    expect(findingWords('en', 'time.skew', found['time.skew'] ?? expect.fail())).toBe('4 seconds off');
  });

  it('is not told without both', async () => {
    expect(await only('time.skew', 'windows', mute())).toMatchObject({ status: 'unsupported' });
  });
});

describe('a VPN', () => {
  it('is not "none" when scutil prints something else', async () => {
    for (const text of [
      '',
      'error',
      'Available network connection services in the current set (*=enabled):\nwhat',
    ]) {
      expect(await only('net.vpn', 'macos', printing({ scutil: text }))).toMatchObject({ status: 'failed' });
    }
  });

  it('is no virtual machine’s cable', async () => {
    const files: Record<string, string> = { tun_flags: '0x1002\n', type: '1\n', operstate: 'up\n' };
    const probe = mute({
      list: async () => ({ ok: true, value: ['vnet0'] }),
      readFile: async path => {
        const text = files[path.split('/').pop() ?? ''];
        return text === undefined ? { ok: false, reason: 'not-present' } : { ok: true, value: text };
      },
    });
    expect(await only('net.vpn', 'linux', probe)).toMatchObject({ value: { connected: false, tunnels: [] } });
  });
});

describe('a program asked for', () => {
  const subject = (name: string, path?: string) => ({
    id: 'a',
    name,
    ...(path === undefined ? {} : { path }),
  });
  const running = (name: string, path: string | null = null, cut = false) => ({ name, path, cut });
  const verdict = (
    asked: ReturnType<typeof subject>,
    list: ReturnType<typeof running>[],
    platform: Platform,
  ) => findProcesses([asked], list, platform)[0]?.running;

  it('runs on Windows whatever its case and ending', () => {
    expect(verdict(subject('TEAMS'), [running('Teams.exe')], 'windows')).toBe(true);
    expect(verdict(subject('teams.exe'), [running('ms-teams.exe')], 'windows')).toBe(false);
    expect(verdict(subject('TEAMS'), [running('teams')], 'linux')).toBe(false);
  });

  it('is open while a place that may not be seen could be the one asked for', () => {
    const asked = subject('shield', '/opt/shield/shield');
    expect(verdict(asked, [running('shield')], 'linux')).toBeNull();
    expect(verdict(asked, [running('shield', '/tmp/shield')], 'linux')).toBe(false);
    expect(verdict(asked, [running('shield'), running('shield', '/opt/shield/shield')], 'linux')).toBe(true);
  });

  it('is open behind a name the kernel cut short', () => {
    const asked = subject('contoso-shield-daemon');
    expect(verdict(asked, [running('contoso-shield-', null, true)], 'linux')).toBeNull();
    expect(verdict(asked, [running('contoso-shield-', '/x/contoso-shield-other', true)], 'linux')).toBe(
      false,
    );
    expect(verdict(asked, [running('contoso-shield-', '/x/contoso-shield-daemon', true)], 'linux')).toBe(
      true,
    );
  });

  it('keeps paths on the device', async () => {
    const probe = printing({
      powershell: section('processPaths', [{ Name: 'a.exe', ExecutablePath: 'C:\\Users\\alex\\a.exe' }]),
    });
    const asked = subjects.parse({ processes: [{ id: 'a', name: 'a', path: 'C:\\Tools\\a.exe' }] });
    const found = await only('process', 'windows', probe, asked);
    expect(found).toMatchObject({ value: { processes: [{ running: false, count: 0 }] } });
    expect(JSON.stringify(found)).not.toContain('alex');
  });
});

describe('every value of these checks', async () => {
  const machines = { windows: 'windows-laptop', macos: 'mac-laptop', linux: 'linux-laptop' } as const;

  it.each(['windows', 'macos', 'linux'] as const)('has words in four languages on %s', async platform => {
    const found = await round(platform, replayProbe(fixture(machines[platform])));
    for (const [id, one] of Object.entries(found)) {
      for (const locale of LOCALES) {
        const words = findingWords(locale, id, one);
        expect(words.length, `${id} ${locale}`).toBeGreaterThan(1);
        expect(words, `${id} ${locale}`).not.toMatch(/[{}?]|undefined|null/);
      }
    }
  });
});

describe('facts that only a server can tell', () => {
  it('have a shape and are no checks of a device', async () => {
    expect(Object.keys(serverValues).sort()).toEqual([...SERVER_FACTS].sort());
    for (const id of SERVER_FACTS) expect(isScanId(id)).toBe(false);
    const scanner = createScanner({ platform: 'linux', probe: mute(), clock: handClock() });
    const run: readonly string[] = scanner.scans.map(one => one.id);
    for (const id of SERVER_FACTS) expect(run).not.toContain(id);
  });
});
