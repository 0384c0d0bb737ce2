import { describe, expect, it } from 'vitest';
import { read, utf16le } from './support.ts';

describe('FileVault', () => {
  it.each([
    [
      'FileVault is On.\n',
      { fileVault: 'on', converting: false, fullyEncrypted: true, osVolumeProtected: true },
    ],
    [
      'FileVault is Off.\n',
      { fileVault: 'off', converting: false, fullyEncrypted: false, osVolumeProtected: false },
    ],
    [
      'FileVault is On.\nEncryption in progress: Percent completed = 7.5\n',
      { fileVault: 'on', converting: true, percent: 7.5, fullyEncrypted: false },
    ],
    [
      'FileVault is On.\nEncryption in progress: Pending\n',
      { fileVault: 'on', converting: true, pending: true, percent: null, fullyEncrypted: false },
    ],
    [
      'FileVault is Off.\nDecryption in progress: Percent completed = 35.00\n',
      { fileVault: 'off', converting: true, percent: 35, osVolumeProtected: false },
    ],
    [
      "FileVault is Off.\nDeferred enablement appears to be active for user 'somebody'.\n",
      { fileVault: 'off', deferred: true, fullyEncrypted: false },
    ],
    [
      'FileVault is Off, but will be enabled after the next restart.\n',
      { fileVault: 'off', pending: true, fullyEncrypted: false },
    ],
    [
      'FileVault master keychain appears to be installed.\nFileVault is On.\n',
      { fileVault: 'on', fullyEncrypted: true },
    ],
  ])('reads %j', (text, facts) => {
    const answer = read('fdesetup-status.txt', text);
    expect(answer).toMatchObject({ family: 'diskEncryption', facts });
    expect(JSON.stringify(answer)).not.toContain('somebody');
  });

  it.each([
    'FileVault is On.\nXncryption in progress: Percent completed = 42\n',
    'FileVault is On.\nFileVault is Off.\n',
    'FileVault is O',
    'Error: Unable to communicate.\n',
  ])('does not read %j', text => {
    expect(read('fdesetup-status.txt', text)).toMatchObject({ unknown: 'parse-error' });
  });

  it('lets the data volume decide in diskutil', () => {
    const volume = (id: string, role: string, on: boolean) =>
      `<dict><key>DeviceIdentifier</key><string>${id}</string><key>Name</key><string>${role}</string><key>Roles</key><array><string>${role}</string></array><key>FileVault</key><${on}/><key>Encryption</key><${on}/><key>Locked</key><false/><key>CryptoMigrationOn</key><false/></dict>`;
    const list = (data: boolean) =>
      `<?xml version="1.0"?><plist version="1.0"><dict><key>Containers</key><array><dict><key>Volumes</key><array>${volume('disk3s1', 'System', true)}${volume('disk3s2', 'Preboot', false)}${volume('disk3s5', 'Data', data)}</array></dict></array></dict></plist>`;
    expect(read('diskutil-apfs-list.plist', list(true))).toMatchObject({
      facts: { fileVault: 'on', osVolumeProtected: true, allFixedVolumesProtected: true },
    });
    expect(read('diskutil-apfs-list.plist', list(false))).toMatchObject({
      facts: { fileVault: 'off', osVolumeProtected: false },
    });
  });
});

describe('firewall', () => {
  it.each([
    ['Firewall is enabled. (State = 1)\n', { enabled: true, blockAll: null, stealth: null }],
    ['Firewall is disabled. (State = 0)\nFirewall stealth mode is off\n', { enabled: false, stealth: false }],
    [
      'Firewall is blocking all non-essential incoming connections. (State = 2)\n',
      { enabled: true, blockAll: true },
    ],
    [
      'Firewall is enabled. (State = 1)\nBlock all DISABLED!\nStealth mode enabled\n',
      { enabled: true, blockAll: false, stealth: true },
    ],
    ['Firewall stealth mode is on\n', { enabled: null, stealth: true }],
  ])('reads %j', (text, facts) => {
    expect(read('socketfilterfw.txt', text)).toMatchObject({ family: 'firewall', facts });
  });

  it('does not read a number that contradicts its words', () => {
    expect(read('socketfilterfw.txt', 'Firewall is enabled. (State = 0)\n')).toMatchObject({
      unknown: 'parse-error',
    });
  });

  it('reads the preference where it still exists', () => {
    expect(read('defaults-alf-globalstate.txt', '2\n')).toMatchObject({
      facts: { enabled: true, blockAll: true },
    });
    expect(read('defaults-alf.txt', '{\n    globalstate = 0;\n    stealthenabled = 1;\n}\n')).toMatchObject({
      facts: { enabled: false, stealth: true },
    });
    expect(
      read(
        'defaults-alf-globalstate.txt',
        'The domain/default pair of (/Library/Preferences/com.apple.alf, globalstate) does not exist\n',
      ),
    ).toMatchObject({ unknown: 'not-present' });
  });
});

describe('battery', () => {
  const pmset = (line: string, source = 'Battery Power') =>
    `Now drawing from '${source}'\n -InternalBattery-0 (id=1234567)\t${line} present: true\n`;

  it.each([
    [
      pmset('64%; discharging; 3:05 remaining'),
      { percent: 64, isCharging: false, acConnected: false, minutesRemaining: 185 },
    ],
    [
      pmset('64%; charging; 1:10 remaining', 'AC Power'),
      { isCharging: true, acConnected: true, minutesToFull: 70, minutesRemaining: null },
    ],
    [
      pmset('80%; AC attached; not charging', 'AC Power'),
      { isCharging: false, fullyCharged: false, acConnected: true },
    ],
    [pmset('99%; finishing charge; 0:05 remaining', 'AC Power'), { isCharging: true, minutesToFull: 5 }],
    ["Now drawing from 'AC Power'\n", { present: false, count: 0, acConnected: true }],
  ])('reads pmset: %j', (text, facts) => {
    expect(read('pmset-batt.txt', text)).toMatchObject({ family: 'battery', facts });
  });

  it('reads an Intel battery, whose MaxCapacity is a capacity', () => {
    const text =
      '+-o AppleSmartBattery  <class AppleSmartBattery>\n    {\n      "ExternalConnected" = Yes\n      "IsCharging" = Yes\n      "FullyCharged" = No\n      "MaxCapacity" = 5000\n      "CurrentCapacity" = 2500\n      "DesignCapacity" = 6000\n      "CycleCount" = 0\n      "AvgTimeToFull" = 90\n      "TimeRemaining" = 90\n      "AdapterDetails" = {"Watts"=60,"Name"="x"}\n      "Amperage" = 18446744073709541950\n    }\n';
    expect(read('ioreg-smartbattery.txt', text)).toMatchObject({
      facts: {
        percent: 50,
        healthPercent: 83.33,
        cycleCount: null,
        isCharging: true,
        acConnected: true,
        minutesToFull: 90,
        minutesRemaining: null,
        adapterWatts: 60,
      },
    });
  });

  it('finds no battery where none is built in', () => {
    expect(
      read(
        'ioreg-smartbattery.plist',
        '<?xml version="1.0"?><plist version="1.0"><array><dict><key>BatteryInstalled</key><false/></dict></array></plist>',
      ),
    ).toMatchObject({ facts: { present: false } });
  });

  it('reads system_profiler in JSON', () => {
    const json = {
      SPPowerDataType: [
        {
          _name: 'spbattery_information',
          sppower_battery_charge_info: {
            sppower_battery_state_of_charge: 71,
            sppower_battery_is_charging: 'FALSE',
            sppower_battery_fully_charged: 'FALSE',
          },
          sppower_battery_health_info: {
            sppower_battery_cycle_count: 210,
            sppower_battery_health: 'Check Battery',
            sppower_battery_health_maximum_capacity: '78%',
          },
          sppower_battery_model_info: { sppower_battery_manufacturer: 'M' },
        },
        {
          _name: 'sppower_ac_charger_information',
          sppower_battery_charger_connected: 'TRUE',
          sppower_ac_charger_watts: '67',
        },
      ],
    };
    expect(read('system_profiler-power.json', JSON.stringify(json))).toMatchObject({
      facts: {
        percent: 71,
        cycleCount: 210,
        condition: 'Check Battery',
        serviceRecommended: true,
        healthPercent: 78,
        acConnected: true,
        isCharging: false,
        adapterWatts: 67,
      },
    });
  });

  it('does not take the charger for the battery in text', () => {
    const text =
      'Power:\n\n    Battery Information:\n\n      Charge Information:\n          Fully Charged: No\n          Charging: No\n          State of Charge (%): 55\n      Health Information:\n          Cycle Count: 12\n          Condition: Normal\n          Maximum Capacity: 99%\n\n    AC Charger Information:\n\n      Connected: Yes\n      Wattage (W): 96\n      Charging: Yes\n';
    expect(read('system_profiler-power.txt', text)).toMatchObject({
      facts: {
        isCharging: false,
        percent: 55,
        acConnected: true,
        adapterWatts: 96,
        serviceRecommended: false,
      },
    });
  });
});

describe('updates', () => {
  it('reads several updates, one deferred, one whose title holds a comma', () => {
    const text =
      'Software Update Tool\n\nFinding available software\nSoftware Update found the following new or updated software:\n* Label: A-1\n\tTitle: Tools, extra, Version: 1.2, Size: 1024KiB, Recommended: NO, \n* Label: B-2\n\tTitle: System, Version: 15.1, Size: 3K, Recommended: YES, Action: restart, Deferred: YES, \n';
    expect(read('softwareupdate-list.txt', text)).toMatchObject({
      facts: {
        count: 2,
        restartRequired: true,
        updates: [
          {
            label: 'A-1',
            title: 'Tools, extra',
            version: '1.2',
            sizeBytes: 1_048_576,
            recommended: false,
            restart: false,
          },
          { label: 'B-2', sizeBytes: 3072, restart: true },
        ],
      },
    });
  });

  it('reads the form of older systems', () => {
    const text =
      'Software Update Tool\n\nSoftware Update found the following new or updated software:\n   * Security Update 2019-001\n\tSecurity Update 2019-001 (10.13.6), 1024K [recommended] [restart]\n   * Printer-1.0\n\tPrinter Software (1.0), 10K [recommended]\n';
    expect(read('softwareupdate-list.txt', text)).toMatchObject({
      facts: {
        count: 2,
        restartRequired: true,
        updates: [{ version: '10.13.6', restart: true }, { restart: false }],
      },
    });
  });

  it.each([
    [
      "Software Update Tool\n\nFinding available software\nCan't connect to the Apple Software Update server.\n",
      null,
      null,
    ],
    [
      'Software Update Tool\n\nThe operation couldn’t be completed. (NSURLErrorDomain error -1009.)\n',
      'NSURLErrorDomain',
      -1009,
    ],
    [
      '2026-01-01 softwareupdate[1:2] XPC: Error Domain=SUMacControllerErrorDomain Code=7201 "x"\nNo new software available.\n',
      'SUMacControllerErrorDomain',
      7201,
    ],
  ])('takes %j for an error and not for "no updates"', (text, errorDomain, errorCode) => {
    expect(read('softwareupdate-list.txt', text)).toMatchObject({
      facts: { status: 'error', count: null, updates: null, restartRequired: null, errorDomain, errorCode },
    });
  });

  it('does not count a list that is cut off', () => {
    expect(
      read(
        'softwareupdate-list.txt',
        'Software Update Tool\n\nSoftware Update found the following new or updated software:\n* Label: A-1\n',
      ),
    ).toMatchObject({ unknown: 'parse-error' });
    expect(
      read('softwareupdate-list.txt', 'Software Update Tool\n\nFinding available software\n'),
    ).toMatchObject({ unknown: 'parse-error' });
  });
});

describe('the machine', () => {
  it('reads sw_vers with a rapid security response, one value alone and usage text', () => {
    expect(
      read(
        'sw_vers.txt',
        utf16le(
          'ProductName:\t\tmacOS\nProductVersion:\t\t13.4.1\nProductVersionExtra:\t(c)\nBuildVersion:\t\t22F770820d\n',
        ),
      ),
    ).toMatchObject({
      facts: { version: '13.4.1', versionExtra: '(c)', build: '22F770820d', fullVersion: '13.4.1 (c)' },
    });
    expect(read('sw_vers-productversion.txt', '26.1\n')).toMatchObject({
      facts: { version: '26.1', build: null, majorName: 'macOS 26' },
    });
    expect(
      read('sw_vers-extra.txt', 'Usage: sw_vers [-productName|-productVersion|-buildVersion]\nPrints ...\n'),
    ).toMatchObject({ unknown: 'not-supported' });
  });

  it.each([
    [
      'Enrolled via DEP: Yes\nMDM enrollment: Yes (User Approved)\nMDM server: https://mdm.example/x\n',
      { enrolledViaDep: true, mdmEnrolled: true, userApproved: true, server: 'https://mdm.example/x' },
    ],
    [
      'Enrolled via DEP: No\nMDM enrollment: No\n',
      { enrolledViaDep: false, mdmEnrolled: false, userApproved: null, server: null },
    ],
  ])('reads enrolment: %j', (text, facts) => {
    expect(read('profiles-status.txt', text)).toMatchObject({ family: 'mdmEnrollment', facts });
  });

  it('tells an extension that runs from one that waits', () => {
    const text =
      '2 extension(s)\n--- com.apple.system_extension.endpoint_security (Go to somewhere)\nenabled\tactive\tteamID\tbundleID (version)\tname\t[state]\n*\t*\tABCDE12345\tcom.example.one (1.0/2)\tOne\t[activated enabled]\n*\t\tABCDE12345\tcom.example.two (2.0/3)\tTwo\t[activated waiting for user]\n';
    expect(read('systemextensionsctl-list.txt', text)).toMatchObject({
      facts: {
        count: 2,
        extensions: [
          { id: 'com.example.one', running: true, active: true },
          { id: 'com.example.two', running: false, active: false },
        ],
      },
    });
    expect(read('systemextensionsctl-list.txt', '0 extension(s)\n')).toMatchObject({
      facts: { count: 0, extensions: [] },
    });
    expect(read('systemextensionsctl-list.txt', '2 extension(s)\n--- x\n')).toMatchObject({
      unknown: 'parse-error',
    });
  });

  it('reads old-style lists of mdmclient and never the serial number', () => {
    const answer = read(
      'mdmclient-querydeviceinformation.txt',
      'Daemon response: {\n\tQueryResponses =\t {\n\t\tOSVersion = "15.1";\n\t\tBuildVersion = 24B83;\n\t\tIsSupervised = 0;\n\t\tSerialNumber = SECRET;\n\t\tPushToken = {length = 32, bytes = 0x00 ... 11};\n\t};\n}\nAgent response: (null)\n',
    );
    expect(answer).toMatchObject({
      family: 'mdmDeviceInfo',
      facts: { osVersion: '15.1', isSupervised: false, agentAnswered: false },
    });
    expect(JSON.stringify(answer)).not.toContain('SECRET');
  });

  it('reads the hardware overview of Apple silicon', () => {
    const text =
      'Hardware:\n\n    Hardware Overview:\n\n      Model Name: MacBook Air\n      Model Identifier: Mac14,2\n      Chip: Apple M2\n      Total Number of Cores: 8 (4 performance and 4 efficiency)\n      Memory: 24 GB\n      Serial Number (system): SECRET\n      Activation Lock Status: Enabled\n\nSoftware:\n\n    System Software Overview:\n\n      System Version: macOS 15.1 (24B83)\n      User Name: Some Body (body)\n      System Integrity Protection: Disabled\n      Time since boot: 2 days, 4 hours, 5 minutes\n';
    const answer = read('system_profiler-hardware.txt', text);
    expect(answer).toMatchObject({
      facts: {
        model: 'Mac14,2',
        processor: 'Apple M2',
        cores: 8,
        memoryBytes: 25_769_803_776,
        activationLock: true,
        sipEnabled: false,
        uptimeSeconds: 187_500,
      },
    });
    expect(JSON.stringify(answer)).not.toMatch(/SECRET|body/);
  });
});

describe('storage', () => {
  it('leaves disk images and helper volumes out', () => {
    const one = (mount_point: string, drive: object, free: number) => ({
      mount_point,
      size_in_bytes: 1000,
      free_space_in_bytes: free,
      file_system: 'APFS',
      physical_drive: drive,
    });
    const internal = { is_internal_disk: 'yes', protocol: 'Apple Fabric', smart_status: 'Failing' };
    const json = {
      SPStorageDataType: [
        one('/', internal, 400),
        one('/System/Volumes/Preboot', internal, 1),
        one('/Volumes/App', { is_internal_disk: 'no', protocol: 'Disk Image' }, 1),
      ],
    };
    expect(read('system_profiler-storage.json', JSON.stringify(json))).toMatchObject({
      facts: {
        ignored: ['/System/Volumes/Preboot', '/Volumes/App'],
        lowestFixedFreePercent: 40,
        smart: 'Failing',
      },
    });
  });

  it('reads diskutil info of a container', () => {
    const plist =
      '<?xml version="1.0"?><plist version="1.0"><dict><key>MountPoint</key><string>/</string><key>FilesystemType</key><string>apfs</string><key>Internal</key><true/><key>APFSContainerSize</key><integer>1000</integer><key>APFSContainerFree</key><integer>250</integer><key>FreeSpace</key><integer>0</integer><key>SMARTStatus</key><string>Verified</string></dict></plist>';
    expect(read('diskutil-info.plist', plist)).toMatchObject({
      family: 'storage',
      facts: {
        lowestFixedFreePercent: 25,
        smart: 'Verified',
        volumes: [{ mount: '/', kind: 'fixed', freeBytes: 250 }],
      },
    });
  });
});
