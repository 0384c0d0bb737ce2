import { describe, expect, it } from 'vitest';
import { read } from './support.ts';

describe('firewall', () => {
  it('reads ufw short, verbose, off and translated', () => {
    expect(
      read(
        'ufw-status-verbose.txt',
        'Status: active\nLogging: on (low)\nDefault: deny (incoming), allow (outgoing), disabled (routed)\nNew profiles: skip\n',
      ),
    ).toMatchObject({
      facts: {
        running: true,
        defaultIncoming: 'deny',
        defaultOutgoing: 'allow',
        logging: 'on',
        enabledAtBoot: null,
      },
    });
    expect(
      read(
        'ufw-status-numbered.txt',
        'Status: active\n\n     To                         Action      From\n[ 1] 22                         ALLOW IN    Anywhere\n',
      ),
    ).toMatchObject({ facts: { running: true, defaultIncoming: null } });
    expect(read('ufw-status.txt', 'Status: inactive\n')).toMatchObject({ facts: { running: false } });
    expect(read('ufw-status-de.txt', 'Status: Aktiv\n')).toMatchObject({ unknown: 'parse-error' });
    expect(read('ufw-status.txt', 'ERROR: You need to be root to run this script\n')).toMatchObject({
      unknown: 'not-permitted',
    });
  });

  it('reads firewalld', () => {
    expect(read('firewall-cmd-state.txt', 'not running\n')).toMatchObject({
      facts: { product: 'firewalld', running: false },
    });
  });
});

describe('disk encryption', () => {
  const listing = (devices: unknown) => JSON.stringify({ blockdevices: devices });

  it('finds LUKS below LVM below RAID', () => {
    const root = { name: 'vg-root', type: 'lvm', fstype: 'btrfs', mountpoints: ['/', '/home'] };
    const crypt = {
      name: 'luks',
      type: 'crypt',
      fstype: 'LVM2_member',
      mountpoints: [null],
      children: [root],
    };
    const raid = {
      name: 'md0',
      type: 'raid1',
      fstype: 'crypto_LUKS',
      fsver: '2',
      mountpoints: [null],
      children: [crypt],
    };
    const boot = { name: 'sda1', type: 'part', fstype: 'vfat', mountpoints: ['/boot/efi'] };
    expect(
      read(
        'lsblk.json',
        listing([
          {
            name: 'sda',
            type: 'disk',
            children: [boot, { name: 'sda2', type: 'part', fstype: 'linux_raid_member', children: [raid] }],
          },
        ]),
      ),
    ).toMatchObject({
      facts: { osVolumeProtected: true, allFixedVolumesProtected: true },
    });
  });

  it('does not judge a listing without the root, or one that shows no layers', () => {
    expect(
      read('lsblk.json', listing([{ name: 'sda', type: 'disk', fstype: null, mountpoint: null }])),
    ).toMatchObject({ facts: { osVolumeProtected: null, allFixedVolumesProtected: null } });
    expect(read('lsblk.json', listing([{ name: 'sda', mountpoint: '/' }]))).toMatchObject({
      facts: { osVolumeProtected: null },
    });
  });

  it('reads the drawn tree', () => {
    const text =
      'NAME                  FSTYPE      MOUNTPOINTS\nnvme0n1                           \n├─nvme0n1p1           vfat        /boot/efi\n└─nvme0n1p2           crypto_LUKS \n  └─luks-1            btrfs       /home\n                                  /\n';
    expect(read('lsblk-f.txt', text)).toMatchObject({
      facts: {
        osVolumeProtected: true,
        volumes: [
          { mount: '/boot/efi' },
          { name: 'nvme0n1p2', locked: false },
          { mount: '/home', method: 'LUKS' },
          { mount: '/' },
        ],
      },
    });
  });

  it('does not read a drawn tree whose columns do not stand below their headings', () => {
    const text = 'NAME   TYPE  MOUNTPOINT\nsda    disk  \n└─sda1 part /\n';
    expect(read('lsblk.txt', text)).toMatchObject({ unknown: 'parse-error' });
    expect(read('lsblk.txt', text.replace('part /', 'part  /'))).toMatchObject({
      facts: { osVolumeProtected: false },
    });
  });

  it('reads cryptsetup', () => {
    expect(read('cryptsetup-status.txt', '/dev/mapper/home is inactive.\n')).toMatchObject({
      facts: { active: false, inUse: false },
    });
    expect(
      read(
        'cryptsetup-status.txt',
        '/dev/mapper/x is active.\n  type:    PLAIN\n  cipher:  aes-cbc-essiv:sha256\n  keysize: 256 [bits]\n',
      ),
    ).toMatchObject({
      facts: { active: true, inUse: false, isLuks: false, keyBits: 256, cipher: 'aes-cbc-essiv:sha256' },
    });
    expect(read('cryptsetup-status.txt', 'Device x not found\n')).toMatchObject({ unknown: 'not-present' });
  });
});

describe('battery', () => {
  it('reads a dump with a mouse, mains and two batteries', () => {
    const battery = (id: string, state: string) =>
      `Device: /org/freedesktop/UPower/devices/battery_${id}\n  native-path:          ${id}\n  power supply:         yes\n  battery\n    present:             yes\n    state:               ${state}\n    energy:              10 Wh\n    energy-full:         20 Wh\n    energy-full-design:  25 Wh\n    percentage:          50%\n    charge-cycles:       77\n    time to empty:       2.5 hours\n\n`;
    const text = `Device: /org/freedesktop/UPower/devices/line_power_AC\n  native-path:          AC\n  power supply:         yes\n  line-power\n    online:              no\n\n${battery('BAT0', 'discharging')}${battery('BAT1', 'unknown')}Device: /org/freedesktop/UPower/devices/mouse_hidpp_battery_0\n  native-path:          hidpp_battery_0\n  power supply:         no\n  mouse\n    percentage:          5%\n\nDevice: /org/freedesktop/UPower/devices/DisplayDevice\n  power supply:         yes\n  battery\n    percentage:          50%\n\nDaemon:\n  daemon-version:  1.90\n  on-battery:      yes\n`;
    expect(read('upower-dump.txt', text)).toMatchObject({
      facts: {
        count: 2,
        acConnected: false,
        isCharging: null,
        totalDesignCapacity: 50,
        totalHealthPercent: 80,
        batteries: [
          { id: 'BAT0', cycleCount: 77, minutesRemaining: 150 },
          { id: 'BAT1', state: 'unknown' },
        ],
      },
    });
  });

  it('takes a bay without a battery for none', () => {
    expect(
      read(
        'upower-i.txt',
        '  native-path:          BAT1\n  power supply:         yes\n  battery\n    present:             no\n    percentage:          0%\n',
      ),
    ).toMatchObject({ facts: { present: false, count: 0 } });
  });

  it('takes DisplayDevice for no battery', () => {
    expect(
      read(
        'upower-i-displaydevice.txt',
        '  power supply:         yes\n  battery\n    present:             yes\n    state:               discharging\n    percentage:          41%\n',
      ),
    ).toMatchObject({ facts: { percent: 41, count: null, batteries: null } });
    expect(
      read(
        'upower-e.txt',
        '/org/freedesktop/UPower/devices/line_power_AC\n/org/freedesktop/UPower/devices/DisplayDevice\n',
      ),
    ).toMatchObject({ facts: { present: null, count: 0 } });
  });

  it('reads acpi of one battery', () => {
    expect(read('acpi-b.txt', 'Battery 0: Not charging, 80%\n')).toMatchObject({
      facts: { percent: 80, isCharging: false, acConnected: null },
    });
    expect(read('acpi-V.txt', 'No support for device type: power_supply\n')).toMatchObject({
      unknown: 'parse-error',
    });
  });
});

describe('endpoint protection', () => {
  it.each([
    [
      'aid="0123456789abcdef0123456789abcdef", rfm-state=false, version = 7.10.16303.0\n',
      {
        agentId: '0123456789abcdef0123456789abcdef',
        registered: true,
        reducedFunctionality: false,
        version: '7.10.16303.0',
      },
    ],
    [
      'cid="secretsecret", aid is not set, rfm-state is not set\n',
      { cidSet: true, registered: false, agentId: null, reducedFunctionality: null },
    ],
    ['rfm-state=true, rfm-reason=Kernel, code=0xC0000225.\n', { reducedFunctionality: true, healthy: false }],
  ])('reads falconctl -g: %j', (text, facts) => {
    const answer = read('falconctl-g.txt', text);
    expect(answer).toMatchObject({ family: 'edr', facts });
    expect(JSON.stringify(answer)).not.toContain('secretsecret');
  });

  it('reads falconctl stats', () => {
    expect(
      read(
        'falconctl-stats.txt',
        '=== agent_info ===\nversion: 7.1.2.3\nagentID: AAAA-BBBB\ncustomerID: CCCC\nSensor operational: true\n=== CloudInfo ===\nCloud Info\n  Host: x.example\n  State: connected\n',
      ),
    ).toMatchObject({ facts: { running: true, version: '7.1.2.3', connected: true, cidSet: true } });
  });

  it('does not call a passive product protecting or healthy', () => {
    const json = {
      healthy: true,
      licensed: true,
      appVersion: '101.1.2',
      passiveModeEnabled: { value: true },
      realTimeProtectionEnabled: { value: false },
      definitionsStatus: { $type: 'outOfDate' },
    };
    expect(read('mdatp-health.json', JSON.stringify(json))).toMatchObject({
      facts: {
        healthyFlag: true,
        healthy: null,
        protects: false,
        passiveMode: true,
        signatures: 'outOfDate',
      },
    });
  });

  it('reads mdatp as text', () => {
    expect(
      read(
        'mdatp-health.txt',
        'healthy                                     : true\nlicensed                                    : true\napp_version                                 : "101.1.2"\nreal_time_protection_enabled                : true [managed]\npassive_mode_enabled                        : false\ntamper_protection                           : "audit"\ndefinitions_status                          : "up_to_date"\n',
      ),
    ).toMatchObject({
      facts: { healthy: true, protects: true, tamperProtection: 'audit', signatures: 'upToDate' },
    });
    expect(read('mdatp-health.json', '[1,2]')).toMatchObject({ unknown: 'parse-error' });
  });

  it('reads a Mac sentinel whose shell rests', () => {
    const text =
      'Agent\n   Version:                           24.1.2.7444\n   ID:                                ABC\n   Missing Authorizations:            \n   ES Framework:                      started\n   Agent Operational State:           enabled\n   Ready:                             yes\n   Protection:                        enabled\n   Infected:                          no\n   Network Quarantine:                no\nDaemons\n   Integrity\n      sentineld:                      ok\n      sentineld_guard:                ok\n      sentineld_helper:               ok\n      sentineld_shell:                not running\nManagement\n   Last Seen:                         25/07/2024, 16:09:55\n   Connected:                         yes\n';
    expect(read('sentinelctl-status.txt', text)).toMatchObject({
      facts: {
        healthy: true,
        protects: true,
        infected: false,
        connected: true,
        lastSeenLocal: '2024-07-25T16:09:55',
        version: '24.1.2.7444',
      },
    });
    expect(
      read(
        'sentinelctl-status.txt',
        text.replace('sentineld:                      ok', 'sentineld:                      not running'),
      ),
    ).toMatchObject({ facts: { healthy: false } });
  });

  it('reads a Windows sentinel', () => {
    expect(
      read(
        'sentinelctl-status.txt',
        'Disable State: Not disabled by the user\nSentinelMonitor is loaded\nSelf-Protection status: On\nMonitor Build id: 23.1.2.400+abc\nSentinelAgent is not loaded\n',
      ),
    ).toMatchObject({ facts: { running: false, tamperProtection: true, version: '23.1.2.400' } });
  });

  it('reads a stopped part of Cortex', () => {
    expect(
      read(
        'cytool-runtime-query.txt',
        '   Name       PID           User                Status               Command\n    pmd      1092           root               Stopped               /opt/traps/bin/pmd\n',
      ),
    ).toMatchObject({ facts: { running: false, healthy: false } });
  });
});

describe('the rest', () => {
  it('reads os-release of a rolling and of a supported system', () => {
    expect(
      read('os-release-arch', 'NAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n'),
    ).toMatchObject({ facts: { id: 'arch', version: null, supported: null } });
    expect(
      read(
        'os-release-ubuntu',
        'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\n',
      ),
    ).toMatchObject({ facts: { version: '24.04', codename: 'noble', supported: true } });
  });

  it('reads smartctl verdicts', () => {
    expect(
      read(
        'smartctl-H.txt',
        '=== START OF READ SMART DATA SECTION ===\nSMART overall-health self-assessment test result: FAILED!\n',
      ),
    ).toMatchObject({ facts: { disks: [{ health: 'unhealthy' }] } });
    expect(
      read(
        'smartctl-a-nvme.txt',
        'Model Number:                       Example 1TB\nSerial Number:                      S1\nFirmware Version:                   F1\nTotal NVM Capacity:                 1,000,204,886,016 [1.00 TB]\nSMART overall-health self-assessment test result: PASSED\nCritical Warning:                   0x00\nPercentage Used:                    3%\n',
      ),
    ).toMatchObject({
      facts: {
        disks: [
          {
            busType: 'NVMe',
            mediaType: 'SSD',
            health: 'healthy',
            sizeBytes: 1_000_204_886_016,
            wearPercent: 3,
          },
        ],
      },
    });
    expect(
      read('smartctl-a.txt', 'Smartctl open device: /dev/sda failed: Permission denied\n'),
    ).toMatchObject({ unknown: 'not-permitted' });
    expect(
      read(
        'smartctl.json',
        '{"smartctl":{"exit_status":0},"device":{"name":"/dev/sda","protocol":"ATA"},"model_name":"M","rotation_rate":7200,"smart_status":{"passed":false},"user_capacity":{"bytes":500}}',
      ),
    ).toMatchObject({
      facts: { disks: [{ device: '/dev/sda', mediaType: 'HDD', health: 'unhealthy', sizeBytes: 500 }] },
    });
  });

  it('reads df with and without types', () => {
    expect(
      read(
        'df-k.txt',
        'Filesystem     1K-blocks     Used Available Use% Mounted on\nudev             1000        0      1000   0% /dev\n/dev/nvme0n1p2   1000      600       300  67% /\n/dev/loop3        10       10         0 100% /snap/core/1\n',
      ),
    ).toMatchObject({
      facts: {
        ignored: ['/dev', '/snap/core/1'],
        lowestFixedFreePercent: 30,
        volumes: [{ mount: '/', sizeBytes: 1_024_000 }],
      },
    });
    expect(
      read(
        'df-h.txt',
        'Filesystem      Size  Used Avail Use% Mounted on\n/dev/sda1        50G   30G   20G  60% /\n',
      ),
    ).toMatchObject({ unknown: 'parse-error' });
  });

  it('reads time states', () => {
    expect(
      read(
        'timedatectl-status.txt',
        '               Local time: Sun 2026-11-22\n                Time zone: Europe/Berlin (CET, +0100)\nSystem clock synchronized: yes\n              NTP service: active\n          RTC in local TZ: no\n',
      ),
    ).toMatchObject({
      facts: { synchronized: true, ntpEnabled: true, timeZone: 'Europe/Berlin', rtcLocal: false },
    });
    expect(
      read('timedatectl-show.txt', 'Timezone=UTC\nLocalRTC=no\nCanNTP=yes\nNTP=no\nNTPSynchronized=no\n'),
    ).toMatchObject({ facts: { synchronized: false, ntpEnabled: false } });
    expect(
      read(
        'chronyc-tracking.txt',
        'Reference ID    : C0A80101 (ntp.example)\nStratum         : 3\nSystem time     : 0.000020 seconds slow of NTP time\nLeap status     : Normal\n',
      ),
    ).toMatchObject({ facts: { synchronized: true, stratum: 3, offsetMs: -0.02 } });
  });

  it('reads needrestart states', () => {
    const state = (code: number) =>
      `NEEDRESTART-VER: 3.6\nNEEDRESTART-KCUR: 6.1\nNEEDRESTART-KEXP: 6.2\nNEEDRESTART-KSTA: ${code}\n`;
    expect([0, 1, 2, 3].map(code => read('needrestart-b.txt', state(code)))).toMatchObject(
      [null, false, true, true].map(rebootRequired => ({ facts: { rebootRequired } })),
    );
  });

  it('reads apt lists', () => {
    expect(read('apt-list.txt', 'Listing...\n')).toMatchObject({ facts: { status: 'ok', count: 0 } });
    expect(
      read('apt-list-de.txt', 'Auflistung...\nvim/noble-updates 2:9 amd64 [aktualisierbar von: 2:8]\n'),
    ).toMatchObject({ unknown: 'parse-error' });
    expect(
      read(
        'apt-list.txt',
        'E: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)\n',
      ),
    ).toMatchObject({ unknown: expect.stringMatching(/not-permitted|command-failed/) });
  });

  it('names why nothing can be said', () => {
    expect(read('anything.txt', '')).toEqual({ unknown: 'no-output' });
    expect(read('never-heard-of.txt', 'x')).toMatchObject({ unknown: 'not-supported' });
    expect(read('falconctl-g.txt', 'bash: falconctl: command not found\n')).toMatchObject({
      unknown: 'not-installed',
    });
    expect(read('ufw-status.txt', new Uint8Array([0xff, 0xfe, 0x00, 0xd8]))).toMatchObject({
      unknown: 'parse-error',
    });
  });
});
