import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readMachine } from '../../../agent/core/scan/machine.ts';
import { recordingName, replayProbe } from '../../../agent/core/scan/replay.ts';
import { createScanner } from '../../../agent/core/scan/run.ts';
import { SCAN_IDS } from '../../../shared/device/facts.ts';
import type { Findings } from '../../../shared/device/finding.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import { ASKED, fixture, handClock } from './support.ts';

const quiet = new AbortController().signal;
const machines: Record<Platform, string> = {
  windows: 'windows-laptop',
  macos: 'mac-laptop',
  linux: 'linux-laptop',
};

async function round(platform: Platform) {
  const scanner = createScanner({
    platform,
    probe: replayProbe(fixture(machines[platform])),
    clock: handClock(),
    subjects: () => ASKED,
  });
  return await scanner.run(SCAN_IDS, quiet);
}

/** Checks that gave no value, and why. */
function withoutValue(found: Findings): string[] {
  return Object.entries(found).flatMap(([id, one]) => (one.status === 'ok' ? [] : [`${id}: ${one.reason}`]));
}

describe('a recorded Windows laptop', async () => {
  const found = await round('windows');

  it('answers every check that makes sense there', () => {
    expect(withoutValue(found)).toEqual([]);
  });

  it('calls build 26100 Windows 11 although ProductName says 10', () => {
    expect(found['os.version']).toMatchObject({
      value: {
        name: 'Windows 11 Enterprise',
        version: '10.0.26100.4061',
        ubr: 4061,
        isServer: false,
        isLtsc: false,
      },
    });
    expect(found['os.support']).toMatchObject({ value: { supported: true, supportEnd: '2027-10-12' } });
  });

  it('leaves out a volume without a size', () => {
    expect(found['disk.free']).toMatchObject({ value: { volumes: [{ mount: 'C:', system: true }] } });
  });

  it('reports a drive that warns, without counters it may not read, and not the USB stick', () => {
    expect(found['disk.health']).toMatchObject({
      value: {
        disks: [{ health: 'warning', bus: 'NVMe', media: 'ssd', wearPercent: null, powerOnHours: null }],
      },
    });
  });

  it('adds the capacities of two batteries, names the worst and treats 0 cycles as not told', () => {
    expect(found.battery).toMatchObject({
      value: {
        onAc: true,
        healthPercent: 87.5,
        worstHealthPercent: 75,
        percent: 86,
        batteries: [
          { id: 'Front', cycleCount: null, state: 'charging', percent: 50, minutesRemaining: null },
          { id: 'Rear', cycleCount: 212, percent: 100 },
        ],
      },
    });
  });

  it('calls encrypted with protection off suspended', () => {
    expect(found['disk.encryption']).toMatchObject({
      value: { systemVolume: 'suspended', volumes: [{ method: 'XTS-AES-256' }] },
    });
  });

  it('says the firewall is off when one profile is', () => {
    expect(found['fw.enabled']).toMatchObject({
      value: { enabled: false, profiles: { domain: true, private: true, public: false } },
    });
  });

  it('names why a restart waits', () => {
    expect(found['reboot.pending']).toMatchObject({
      value: { pending: true, markers: ['windows-update', 'update-agent', 'file-renames'] },
    });
  });

  it('knows that Fast Startup makes the uptime long', () => {
    expect(found.uptime).toMatchObject({ value: { seconds: 864_000, fastStartup: true } });
  });

  it('prefers the permanent address over a made-up one', () => {
    expect(found['net.mac']).toMatchObject({
      value: {
        adapters: [
          { mac: '0c:9a:3c:20:30:40', kind: 'wifi', randomised: false, up: true },
          { kind: 'ethernet', up: false },
        ],
      },
    });
  });

  it('has no CPU share on the first reading', () => {
    expect(found.perf).toMatchObject({
      value: { cpuPercent: null, memoryUsedBytes: 17_179_869_184 - 6_442_450_944 },
    });
  });

  it('lists the largest programs first as long as nothing is known of their CPU use', () => {
    expect(found.processes).toMatchObject({
      value: { count: 3, busiest: [{ name: 'Teams.exe', cpuPercent: null }, {}, {}] },
    });
  });

  it('names itself, with its installation id hashed and its serial normalised', async () => {
    const me = await readMachine(replayProbe(fixture('windows-laptop')), 'windows');
    expect(me).toEqual({
      platform: 'windows',
      hostname: 'LAPTOP-0042',
      machineId: expect.stringMatching(/^[0-9a-f]{32}$/),
      serial: '5CG0042ABC',
      hardwareUuid: '4c4c4544-0042-3010-8052-b4c04f503332',
      manufacturer: 'Contoso Inc.',
      model: 'Fabrikam 14 G3',
      person: 'CONTOSO\\alex',
      macs: ['0c:9a:3c:20:30:40', '0c:9a:3c:20:30:41'],
    });
    expect(me.machineId).not.toContain('6f1d0c1e');
  });
});

describe('a recorded Mac', async () => {
  const found = await round('macos');

  it('answers every check that makes sense there', () => {
    expect(withoutValue(found)).toEqual([
      'antispyware: not-applicable',
      'av.defender: not-installed',
      'time.skew: not-permitted',
    ]);
  });

  it('knows version, build and support', () => {
    expect(found['os.version']).toMatchObject({
      value: { name: 'macOS 26', version: '26.6.2', build: '25G83' },
    });
    expect(found['os.support']).toMatchObject({ value: { cycle: '26', supported: true, supportEnd: null } });
  });

  it('counts the container once and leaves out backups and disk images', () => {
    expect(found['disk.free']).toMatchObject({
      value: { volumes: [{ mount: '/', freeBytes: 90_000_000_000 }] },
    });
    expect(found['disk.free']).toHaveProperty('value.volumes.length', 1);
  });

  it('takes the verdict of the internal drive only', () => {
    expect(found['disk.health']).toHaveProperty('value.disks.length', 1);
    expect(found['disk.health']).toMatchObject({
      value: { disks: [{ health: 'healthy', model: 'APPLE SSD AP0512Z' }] },
    });
  });

  it('computes battery health from the raw capacities, not from 100', () => {
    expect(found.battery).toMatchObject({
      value: {
        onAc: false,
        percent: 63,
        healthPercent: 82.3,
        batteries: [{ cycleCount: 410, state: 'discharging', minutesRemaining: 188 }],
      },
    });
  });

  it('does not call a disk encrypted that is still encrypting', () => {
    expect(found['disk.encryption']).toMatchObject({
      value: { systemVolume: 'encrypting', volumes: [{ percent: 61.5 }] },
    });
  });

  it('reads state 2 as on and blocking', () => {
    expect(found['fw.enabled']).toMatchObject({ value: { enabled: true, blockAll: true, stealth: false } });
  });

  it('finds the update that restarts', () => {
    expect(found['reboot.pending']).toMatchObject({ value: { pending: true, markers: ['update-restart'] } });
  });

  it('reads the CPU time and name of programs with blanks in them', () => {
    expect(found.processes).toMatchObject({
      value: { count: 3, busiest: [{ pid: 612, name: 'Window Manager' }, {}, {}] },
    });
  });

  it('measures memory by what could be handed out at once', () => {
    expect(found.perf).toMatchObject({ value: { memoryUsedBytes: 17_179_869_184 - 220_000 * 16_384 } });
  });

  it('names itself', async () => {
    expect(await readMachine(replayProbe(fixture('mac-laptop')), 'macos')).toMatchObject({
      hostname: 'macbook-7',
      serial: 'FVFXK0AAQ6L4',
      hardwareUuid: '564d1c2a-3b4c-5d6e-7f80-91a2b3c4d5e6',
      manufacturer: 'Apple',
      model: 'Mac15,3',
      person: 'sam',
      macs: ['3c:22:fb:10:20:30'],
    });
  });
});

describe('a recorded Linux laptop', async () => {
  const found = await round('linux');

  it('answers every check that makes sense there', () => {
    expect(withoutValue(found)).toEqual([
      'antispyware: not-applicable',
      'gatekeeper: not-applicable',
      'mdm.enrolled: not-installed',
      'mdm.lastSync: not-supported',
      'registry.numeric: not-applicable',
      'registry.text: not-applicable',
      'sso.prt: not-supported',
    ]);
  });

  it('takes the point release from debian_version', () => {
    expect(found['os.version']).toMatchObject({
      value: { version: '12.11', edition: 'debian', build: '6.1.0-37-amd64' },
    });
  });

  it('lists fixed volumes once each: no snap, stick, network share, bind mount or firmware partition', () => {
    expect(found['disk.free']).toMatchObject({
      value: { volumes: [{ mount: '/', system: true }, { mount: '/boot' }, { mount: '/srv/with space' }] },
    });
    expect(found['disk.free']).toHaveProperty('value.volumes.length', 3);
  });

  it('finds LUKS under the root and sees the volume beside it unprotected', () => {
    expect(found['disk.encryption']).toMatchObject({
      value: {
        systemVolume: 'on',
        volumes: [
          { mount: '/', protection: 'on' },
          { mount: '/srv/with space', protection: 'off' },
        ],
      },
    });
  });

  it('reads the drive by smartctl', () => {
    expect(found['disk.health']).toMatchObject({
      value: {
        disks: [
          {
            device: 'nvme0n1',
            health: 'healthy',
            wearPercent: 7,
            temperatureC: 41,
            powerOnHours: 5210,
            bus: 'NVMe',
          },
        ],
      },
    });
  });

  it('computes battery health and time and leaves the mouse out', () => {
    expect(found.battery).toMatchObject({
      value: {
        onAc: false,
        healthPercent: 84.8,
        batteries: [
          {
            id: 'CMB1',
            designCapacity: 57_532,
            fullChargeCapacity: 48_807,
            cycleCount: null,
            minutesRemaining: 120,
          },
        ],
      },
    });
    expect(found.battery).toHaveProperty('value.batteries.length', 1);
  });

  it('finds the drop behind a jump although ufw is inactive', () => {
    expect(found['fw.enabled']).toMatchObject({ value: { enabled: true, product: 'nftables' } });
  });

  it('sees that a newer kernel waits', () => {
    expect(found['reboot.pending']).toMatchObject({ value: { pending: true, markers: ['newer-kernel'] } });
  });

  it('takes the boot time from the kernel', () => {
    expect(found.uptime).toMatchObject({ value: { seconds: 93_600.52, bootedAt: 1_795_200_000_000 } });
  });

  it('lists physical adapters only', () => {
    expect(found['net.mac']).toMatchObject({
      value: { adapters: [{ name: 'wlp2s0', kind: 'wifi', up: true }] },
    });
    expect(found['net.mac']).toHaveProperty('value.adapters.length', 1);
  });

  it('reads a process whose name has parentheses', () => {
    expect(found.processes).toMatchObject({
      value: { count: 2, busiest: [{ pid: 77, name: 'a (b) c', memoryBytes: 36_864_000 }, {}] },
    });
  });

  it('names itself and the person at the seat', async () => {
    expect(await readMachine(replayProbe(fixture('linux-laptop')), 'linux')).toMatchObject({
      serial: 'PF0042XY',
      person: 'robin',
      macs: ['0c:9a:3c:20:30:40'],
    });
  });
});

describe('a machine of which nothing was recorded', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'trayline-replay-'));
  afterAll(() => rm(empty, { recursive: true }));

  it.each(['windows', 'macos', 'linux'] as const)(
    'gives a reason for every check on %s, and no value',
    async platform => {
      const scanner = createScanner({
        platform,
        probe: replayProbe(empty),
        clock: handClock(),
        subjects: () => ASKED,
      });
      const found = await scanner.run(SCAN_IDS, quiet);
      for (const [id, one] of Object.entries(found)) {
        // Nothing of the kind can be asked about on Linux.
        if (platform === 'linux' && id.startsWith('registry.')) continue;
        expect(one, id).not.toMatchObject({ status: 'ok' });
        expect(one, id).not.toMatchObject({ status: 'absent' });
      }
    },
  );

  it('is nobody in particular', async () => {
    expect(await readMachine(replayProbe(empty), 'linux')).toMatchObject({
      machineId: null,
      serial: null,
      person: null,
      macs: [],
    });
  });
});

describe('names of recordings', () => {
  it('keep letters, digits, dots and hyphens', () => {
    expect(recordingName('reg', ['query', 'HKLM\\A B', '/reg:64'])).toBe('reg_query_HKLM_A_B_reg_64');
  });
});
