import { describe, expect, it } from 'vitest';
import { read, utf8Marked, utf16be, utf16le, utf16leUnmarked } from './support.ts';

const os = (row: object) => read('ntcurrentversion-x.json', JSON.stringify(row));

describe('systems', () => {
  it('calls a client of build 22000 or later Windows 11, whatever ProductName says', () => {
    expect(
      os({
        CurrentBuild: '26100',
        UBR: 1742,
        InstallationType: 'Client',
        EditionID: 'EnterpriseS',
        ProductName: 'Windows 10 Enterprise LTSC',
      }),
    ).toMatchObject({
      family: 'os',
      facts: {
        majorName: 'Windows 11',
        isServer: false,
        isLtsc: true,
        fullVersion: '10.0.26100.1742',
        supportEnd: '2029-10-09',
      },
    });
  });

  it('tells a server from a client of the same build', () => {
    expect(
      os({ CurrentBuild: '26100', UBR: 1, InstallationType: 'Server Core', EditionID: 'ServerStandard' }),
    ).toMatchObject({
      facts: { majorName: 'Windows Server 2025', isServer: true },
    });
  });

  it('takes the multi-session client for a client', () => {
    expect(os({ CurrentBuild: '19045', EditionID: 'ServerRdsh' })).toMatchObject({
      facts: { isServer: false, ubr: null, fullVersion: null },
    });
  });

  it('reads the registry as reg.exe prints it', () => {
    const text = String.raw`
HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion
    CurrentBuild    REG_SZ    22631
    UBR    REG_DWORD    0x1a2b
    EditionID    REG_SZ    Professional
    InstallationType    REG_SZ    Client
    DisplayVersion    REG_SZ    23H2
    InstallDate    REG_DWORD    0x65a4c7f0
`;
    expect(read('ntcurrentversion-reg.txt', text)).toMatchObject({
      facts: { build: 22631, ubr: 6699, displayVersion: '23H2', supportEnd: '2025-11-11', supported: false },
    });
  });

  const wmic =
    'BuildNumber=19045\r\r\nCaption=Microsoft Windows 10 Pro\r\r\nCSName=PC-7\r\r\nInstallDate=20240215093000.000000+060\r\r\nLastBootUpTime=20261101080000.500000+060\r\r\nLocalDateTime=20261102080000.500000+060\r\r\nLocale=0407\r\r\nMUILanguages={"de-DE","en-US"}\r\r\nOSArchitecture=64-Bit\r\r\nProductType=1\r\r\nVersion=10.0.19045\r\r\n';

  it.each([
    ['UTF-8', new TextEncoder().encode(wmic)],
    ['UTF-8 with a mark', utf8Marked(wmic)],
    ['UTF-16LE', utf16le(wmic)],
    ['UTF-16BE', utf16be(wmic)],
    ['UTF-16LE without a mark', utf16leUnmarked(wmic)],
  ])('reads wmic with CR CR LF in %s', (_, output) => {
    expect(read('operatingsystem-wmic.txt', output)).toMatchObject({
      facts: {
        majorName: 'Windows 10',
        version: '10.0.19045',
        build: 19045,
        ubr: null,
        isServer: false,
        arch: 'x64',
        locale: 'de-DE',
        uiLanguages: ['de-DE', 'en-US'],
        hostname: 'PC-7',
        installDate: '2024-02-15T08:30:00Z',
        lastBoot: '2026-11-01T07:00:00Z',
        uptimeSeconds: 86_400,
      },
    });
  });

  it('reads Get-ComputerInfo with text dates that only make sense in one order', () => {
    const info = {
      WindowsEditionId: 'Professional',
      WindowsInstallationType: 'Client',
      WindowsProductName: 'Windows 10 Pro',
      WindowsBuildLabEx: '22621.1.amd64fre.ni_release.220506-1250',
      OsName: 'Microsoft Windows 11 Pro',
      OsVersion: '10.0.22631',
      OsBuildNumber: '22631',
      OsArchitecture: 'ARM 64-bit Processor',
      OsLastBootUpTime: '/Date(1699999999000)/',
      OsProductType: 1,
      CsPartOfDomain: false,
      CsWorkgroup: 'WORKGROUP',
      CsDomainRole: 0,
      OsMuiLanguages: ['en-US'],
      OsHotFixes: [
        { HotFixID: 'KB5031455', InstalledOn: '10/27/2023' },
        { HotFixID: 'KB5027397', InstalledOn: '11/2/2023' },
      ],
    };
    expect(read('get-computerinfo.json', JSON.stringify(info))).toMatchObject({
      facts: {
        majorName: 'Windows 11',
        build: 22631,
        ubr: null,
        arch: 'arm64',
        hotfixCount: 2,
        latestHotfixDate: '2023-11-02',
        adDomainJoined: false,
        workgroup: 'WORKGROUP',
        lastBoot: '2023-11-14T22:13:19Z',
      },
    });
  });

  it('leaves systeminfo in another language unknown', () => {
    expect(
      read(
        'systeminfo-de.txt',
        'Hostname:                PC-7\nBetriebssystemname:      Microsoft Windows 11 Pro\nBetriebssystemversion:   10.0.22631 Nicht zutreffend Build 22631\n',
      ),
    ).toEqual({
      unknown: 'parse-error',
      detail: expect.any(String),
    });
  });

  it('counts the updates systeminfo states, not those of a list that is cut off', () => {
    const text =
      'Host Name:                 PC-7\nOS Name:                   Microsoft Windows 11 Pro\nOS Version:                10.0.22631 N/A Build 22631\nOS Configuration:          Standalone Workstation\nSystem Boot Time:          4/5/2026, 9:00:00 AM\nSystem Type:               ARM64-based PC\nDomain:                    WORKGROUP\nHotfix(s):                 3 Hotfix(s) Installed.\n                           [01]: KB5031455\n                           [02]';
    expect(read('systeminfo.txt', text)).toMatchObject({
      facts: {
        hotfixCount: 3,
        arch: 'arm64',
        ubr: null,
        lastBootLocal: null,
        adDomainJoined: false,
        majorName: 'Windows 11',
      },
    });
  });

  it('reads Win32_ComputerSystem without guessing membership in Entra', () => {
    expect(
      read(
        'computersystem.json',
        JSON.stringify({
          Name: 'PC-7',
          PartOfDomain: true,
          Domain: 'corp.example',
          DomainRole: 1,
          PCSystemType: 2,
          TotalPhysicalMemory: 17_179_869_184,
          CurrentTimeZone: -300,
          HypervisorPresent: false,
        }),
      ),
    ).toMatchObject({
      family: 'computerSystem',
      facts: {
        isLaptop: true,
        adDomainJoined: true,
        adDomain: 'corp.example',
        workgroup: null,
        entraJoined: null,
        memoryBytes: 17_179_869_184,
        utcOffsetMinutes: -300,
      },
    });
  });
});

const heading = (name: string) =>
  `+----------------------------------------------------------------------+\n| ${name.padEnd(68)} |\n+----------------------------------------------------------------------+\n\n`;
const dsreg = (entra: string, domain: string, workplace: string) =>
  `${heading('Device State')}             AzureAdJoined : ${entra}\n          EnterpriseJoined : NO\n              DomainJoined : ${domain}\n                DomainName : CORP\n\n${heading('User State')}                    NgcSet : YES\n           WorkplaceJoined : ${workplace}\n             WamDefaultSet : ERROR (0x80070520)\n\n`.replaceAll(
    '\n',
    '\r\n',
  );

describe('dsregcmd', () => {
  it.each([
    ['YES', 'NO', 'NO', 'entra'],
    ['YES', 'YES', 'NO', 'hybrid'],
    ['NO', 'YES', 'NO', 'domain'],
    ['NO', 'NO', 'YES', 'registered'],
    ['NO', 'NO', 'NO', 'none'],
    ['NO', 'NO', 'ERROR', null],
  ])('takes entra %s, domain %s, workplace %s for %s', (entra, domain, workplace, joinType) => {
    expect(read('dsregcmd.txt', dsreg(entra, domain, workplace))).toMatchObject({ facts: { joinType } });
  });

  it('reads certificate, tenant and the last attempt for a token, but no enrolment from an address', () => {
    const text = `${dsreg('YES', 'NO', 'NO')}${heading('Device Details')}                  DeviceId : 11111111-2222-3333-4444-555555555555\n DeviceCertificateValidity : [ 2024-03-02 10:11:12.000 UTC -- 2034-03-02 10:41:12.000 UTC ]\n              TpmProtected : YES\n          DeviceAuthStatus : SUCCESS\n\n${heading('Tenant Details')}                TenantName : Example\n                    MdmUrl : https://mdm.example/enroll\n\n${heading('SSO State')}                AzureAdPrt : NO\n       Previous Prt Attempt : 2026-11-01 20:10:33.789 UTC\n             Attempt Status : 0xc000006d\n          Server Error Code : invalid_grant\n                 OnPremTgt : NO\n                  CloudTgt : YES\n`;
    expect(read('dsregcmd-status.txt', text)).toMatchObject({
      facts: {
        deviceCertNotBefore: '2024-03-02T10:11:12Z',
        deviceCertNotAfter: '2034-03-02T10:41:12Z',
        tpmProtected: true,
        tenantName: 'Example',
        mdmUrl: 'https://mdm.example/enroll',
        mdmEnrolled: null,
        azureAdPrt: false,
        prtLastAttempt: '2026-11-01T20:10:33.789Z',
        prtErrorCode: '0xc000006d',
        prtServerErrorCode: 'invalid_grant',
        onPremTgt: false,
        cloudTgt: true,
        windowsHelloSet: true,
      },
    });
  });
});

describe('BitLocker', () => {
  it('does not call encrypted with protection off protected', () => {
    const rows = [
      { DriveLetter: 'C:', VolumeType: 0, ProtectionStatus: 0, ConversionStatus: 1, EncryptionMethod: 6 },
      { DriveLetter: 'D:', VolumeType: 1, ProtectionStatus: 2, ConversionStatus: 1 },
      { DriveLetter: 'E:', VolumeType: 2, ProtectionStatus: 0, ConversionStatus: 0 },
    ];
    expect(read('win32_encryptablevolume.json', JSON.stringify(rows))).toMatchObject({
      facts: {
        osVolumeProtected: false,
        allFixedVolumesProtected: false,
        volumes: [
          { protection: 'off', method: 'XtsAes128' },
          { protection: 'unknown' },
          { kind: 'removable' },
        ],
      },
    });
  });

  it('reads numbers of Get-BitLockerVolume in JSON and never a key protector', () => {
    const rows = [
      {
        MountPoint: 'C:',
        VolumeType: 0,
        VolumeStatus: 2,
        ProtectionStatus: 0,
        LockStatus: 0,
        EncryptionPercentage: 41,
        EncryptionMethod: 7,
        KeyProtector: [{ RecoveryPassword: '111111-222222-333333' }],
      },
      {
        MountPoint: 'D:',
        VolumeType: 1,
        VolumeStatus: null,
        ProtectionStatus: 2,
        LockStatus: 1,
        EncryptionMethod: null,
      },
    ];
    const answer = read('get-bitlockervolume.json', JSON.stringify(rows));
    expect(answer).toMatchObject({
      facts: {
        osVolumeProtected: false,
        volumes: [
          { conversion: 'encryptionInProgress', percent: 41, locked: false },
          { locked: true, conversion: null },
        ],
      },
    });
    expect(JSON.stringify(answer)).not.toContain('111111');
  });

  it('reads manage-bde in English with a locked volume', () => {
    const text =
      'BitLocker Drive Encryption: Configuration Tool version 10.0.22621\r\n\r\nVolume C: [Win: 11]\r\n[OS Volume]\r\n\r\n    Size:                 475.62 GB\r\n    Conversion Status:    Used Space Only Encrypted\r\n    Percentage Encrypted: 100.0%\r\n    Encryption Method:    XTS-AES 128\r\n    Protection Status:    Protection On\r\n    Lock Status:          Unlocked\r\n\r\nVolume D: [Label Unknown]\r\n[Data Volume]\r\n\r\n    Size:                 Unknown GB\r\n    Conversion Status:    Unknown\r\n    Percentage Encrypted: Unknown%\r\n    Encryption Method:    AES 256\r\n    Protection Status:    Unknown\r\n    Lock Status:          Locked\r\n';
    expect(read('manage-bde-status.txt', text)).toMatchObject({
      facts: {
        osVolumeProtected: true,
        allFixedVolumesProtected: null,
        volumes: [
          { mount: 'C:', conversion: 'usedSpaceOnlyEncrypted', percent: 100, method: 'XtsAes128' },
          { mount: 'D:', conversion: null, percent: null, protection: 'unknown', locked: true },
        ],
      },
    });
  });

  it('names missing rights', () => {
    expect(
      read(
        'manage-bde-status.txt',
        'BitLocker Drive Encryption: Configuration Tool version 10.0.22621\n\nERROR: An attempt to access a required resource was denied.\nCheck that you have administrative rights on the computer.\n',
      ),
    ).toMatchObject({ unknown: 'not-permitted' });
  });
});

describe('Security Center and Defender', () => {
  it.each([
    [397_568, 'on', 'upToDate', 'microsoft'],
    [393_472, 'off', 'upToDate', 'microsoft'],
    [397_584, 'on', 'outOfDate', 'microsoft'],
    [266_240, 'on', 'upToDate', 'other'],
    [262_144, 'off', 'upToDate', 'other'],
    [0x062100, 'snoozed', 'upToDate', 'microsoft'],
    [0x063110, 'expired', 'outOfDate', 'microsoft'],
    [0x067000, null, 'upToDate', 'other'],
  ])('decodes product state %i', (productState, state, signatures, owner) => {
    expect(
      read('securitycenter2.json', JSON.stringify({ antiVirus: { displayName: 'A', productState } })),
    ).toMatchObject({
      facts: { antivirus: [{ state, signatures, owner }] },
    });
  });

  it('judges several products together and says nothing about an empty list', () => {
    const on = { displayName: 'A', productState: 266_256 };
    const off = { displayName: 'B', productState: 393_472 };
    expect(
      read('securitycenter2.json', JSON.stringify({ antiVirus: [on, off], firewall: [] })),
    ).toMatchObject({
      facts: { anyAntivirusOn: true, allOnAntivirusUpToDate: false, firewall: [], antispyware: null },
    });
    expect(read('securitycenter2.json', '{"antiVirus":[],"firewall":[]}')).toMatchObject({
      facts: { anyAntivirusOn: null, allOnAntivirusUpToDate: null },
    });
  });

  it('reads a plain list of products by its class', () => {
    const list = 'displayName : Fire\nproductState : 266240\n\ndisplayName : Wall\nproductState : 262144\n';
    expect(read('firewallproduct.txt', list)).toMatchObject({
      facts: { antivirus: null, firewall: [{ state: 'on' }, { state: 'off' }] },
    });
  });

  it.each([
    ['7/30/2025 3:01:45 PM', '2025-07-30T15:01:45'],
    ['30.07.2025 15:01:45', '2025-07-30T15:01:45'],
    ['30/07/2025 15:01:45', '2025-07-30T15:01:45'],
    ['2025-07-30 15:01:45', '2025-07-30T15:01:45'],
    ['7/8/2025 3:01:45 PM', null],
  ])('reads the date %s', (date, signatureUpdatedLocal) => {
    const text = `AMRunningMode : Passive Mode\nAntivirusEnabled : True\nAntivirusSignatureLastUpdated : ${date}\nAntivirusSignatureAge : 65535\nIsTamperProtected : False\n`;
    expect(read('get-mpcomputerstatus.txt', text)).toMatchObject({
      facts: {
        amRunningMode: 'Passive Mode',
        signatureUpdatedLocal,
        signatureAgeDays: null,
        tamperProtected: false,
        realTimeProtection: null,
      },
    });
  });

  it('reads moments of JSON in UTC', () => {
    expect(
      read(
        'get-mpcomputerstatus.json',
        '{"AMServiceEnabled":true,"AMEngineVersion":"0.0.0.0","AntivirusSignatureLastUpdated":"\\/Date(1700000000000)\\/","FullScanAge":4294967295}',
      ),
    ).toMatchObject({
      facts: {
        serviceEnabled: true,
        engineVersion: null,
        signatureUpdated: '2023-11-14T22:13:20Z',
        fullScanAgeDays: null,
      },
    });
  });
});

describe('firewall', () => {
  it.each([
    [[1, 1, 1], true],
    [[1, 0, 1], false],
    [[1, 2, 1], null],
  ])('judges the profiles %j', (states, allProfilesOn) => {
    const rows = ['Domain', 'Private', 'Public'].map((Name, at) => ({ Name, Enabled: states[at] }));
    expect(read('get-netfirewallprofile.json', JSON.stringify(rows))).toMatchObject({
      facts: { allProfilesOn },
    });
  });

  it('reads a list in words and a table', () => {
    const list =
      'Name    : Domain\nEnabled : True\n\nName    : Private\nEnabled : False\n\nName    : Public\nEnabled : NotConfigured\n';
    expect(read('get-netfirewallprofile.txt', list)).toMatchObject({
      facts: { profiles: { domain: true, private: false, public: null }, allProfilesOn: false },
    });
    const table = 'Name    Enabled\n----    -------\nDomain  True\nPrivate True\nPublic  True\n';
    expect(read('get-netfirewallprofile-table.txt', table)).toMatchObject({ facts: { allProfilesOn: true } });
  });

  it('lets a policy stand before the local value', () => {
    const key = (path: string, on: number) =>
      `[HKEY_LOCAL_MACHINE\\${path}]\r\n"EnableFirewall"=dword:0000000${on}\r\n\r\n`;
    const text = `Windows Registry Editor Version 5.00\r\n\r\n${key('SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\PublicProfile', 0)}${key('SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\PublicProfile', 1)}`;
    expect(read('firewall-registry.reg', utf16le(text))).toMatchObject({
      facts: { profiles: { public: false, domain: null } },
    });
  });

  it('reads netsh in English only', () => {
    expect(
      read(
        'netsh-advfirewall.txt',
        'Domain Profile Settings:\n-----\nState                                 ON\n\nPrivate Profile Settings:\n-----\nState                                 OFF\n',
      ),
    ).toMatchObject({ facts: { profiles: { domain: true, private: false, public: null } } });
    expect(
      read(
        'netsh-advfirewall-de.txt',
        'Domänenprofil-Einstellungen:\nStatus                                EIN\n',
      ),
    ).toMatchObject({ unknown: 'parse-error' });
  });
});

describe('updates', () => {
  it('reads hotfixes with dates of one culture, and no newest one when a date is unclear', () => {
    const row = (id: string, on: string) => ({ CSName: 'PC-7', HotFixID: id, InstalledOn: on });
    expect(
      read(
        'quickfixengineering.json',
        JSON.stringify([row('KB5000001', '9/9/2025'), row('KB5000002', '10/28/2025'), row('File 1', '')]),
      ),
    ).toMatchObject({
      family: 'hotfixes',
      facts: {
        entries: 3,
        kbCount: 2,
        kbsSample: ['KB5000001', 'KB5000002'],
        latestInstalledOn: '2025-10-28',
        hostname: 'PC-7',
      },
    });
    expect(read('quickfixengineering.json', JSON.stringify([row('KB5000001', '9/8/2025')]))).toMatchObject({
      facts: { latestInstalledOn: null },
    });
  });

  it('reads tables whose numbers are set to the right', () => {
    const disks =
      '\nNumber FriendlyName    MediaType HealthStatus      Size\n------ ------------    --------- ------------      ----\n0      Example SSD 1TB SSD       Healthy      931.51 GB\n';
    expect(read('get-physicaldisk.txt', disks)).toMatchObject({
      facts: { disks: [{ device: '0', name: 'Example SSD 1TB', health: 'healthy', sizeBytes: null }] },
    });
    const fixes =
      '\nSource  Description      HotFixID   InstalledBy          InstalledOn\n------  -----------      --------   -----------          -----------\nPC-7    Security Update  KB5000001  NT AUTHORITY\\SYSTEM  10/28/2025 12:00:00 AM\n';
    expect(read('get-hotfix.txt', fixes)).toMatchObject({
      facts: { kbsSample: ['KB5000001'], latestInstalledOn: '2025-10-28', hostname: 'PC-7' },
    });
  });

  it('reads a search of Windows Update with one and with no result', () => {
    expect(
      read('wua-search.json', '{"UpdateID":"a","Title":"T","KBArticleIDs":"5000001","RebootRequired":true}'),
    ).toMatchObject({ facts: { count: 1, restartRequired: true, updates: [{ kbs: ['KB5000001'] }] } });
    expect(read('wua-search.json', '[]')).toMatchObject({
      facts: { status: 'ok', count: 0, restartRequired: null },
    });
  });

  it('takes waiting renames for no reason to restart', () => {
    expect(
      read(
        'pending-file-rename-operations.json',
        '{"PendingFileRenameOperations":["\\\\??\\\\C:\\\\a.tmp",""]}',
      ),
    ).toMatchObject({ facts: { pendingFileRenames: 1, rebootRequired: null } });
  });
});

describe('drives and services', () => {
  it('leaves network and optical drives out of the lowest share', () => {
    const rows = [
      { DeviceID: 'C:', DriveType: 3, Size: '1000', FreeSpace: '250', FileSystem: 'NTFS', VolumeDirty: true },
      { DeviceID: 'Z:', DriveType: 4, Size: '1000', FreeSpace: '1' },
      { DeviceID: 'D:', DriveType: 5 },
      { DeviceID: 'E:', DriveType: 2, Size: '100', FreeSpace: '1' },
    ];
    expect(read('logicaldisk.json', JSON.stringify(rows))).toMatchObject({
      facts: {
        ignored: ['Z:', 'D:'],
        lowestFixedFreePercent: 25,
        volumes: [
          { mount: 'C:', dirty: true },
          { mount: 'E:', kind: 'removable' },
        ],
      },
    });
  });

  it('reads a failing drive in words and numbers', () => {
    expect(
      read(
        'get-physicaldisk.json',
        '[{"DeviceId":"1","FriendlyName":"X","HealthStatus":2,"OperationalStatus":[5],"MediaType":3,"BusType":11},{"DeviceId":"2","FriendlyName":"Y","HealthStatus":"Warning","OperationalStatus":"Degraded","MediaType":"SSD","BusType":"NVMe"}]',
      ),
    ).toMatchObject({
      facts: {
        disks: [
          {
            health: 'unhealthy',
            operationalStatus: ['Predictive Failure'],
            mediaType: 'HDD',
            busType: 'SATA',
          },
          { health: 'warning', mediaType: 'SSD', busType: 'NVMe' },
        ],
      },
    });
  });

  it.each([
    [
      'SERVICE_NAME: csagent\n        TYPE               : 2  FILE_SYSTEM_DRIVER\n        STATE              : 1  STOPPED\n',
      { installed: true, running: false },
    ],
    [
      'SERVICE_NAME: csagent\n        TYP                : 2  FILE_SYSTEM_DRIVER\n        STATUS             : 4  RUNNING\n',
      { installed: true, running: true },
    ],
    [
      'SERVICE_NAME: csagent\n        TYPE               : 2  FILE_SYSTEM_DRIVER\n        STATE              : 4  STOPPED\n',
      { running: null },
    ],
    [
      'SERVICE_NAME: csagent\n        TYPE               : 2  FILE_SYSTEM_DRIVER\n        STATE              : 2  START_PENDING\n',
      { running: false },
    ],
    [
      '[SC] EnumQueryServicesStatus:OpenService FEHLER 1060:\n\nDer angegebene Dienst ist kein installierter Dienst.\n',
      { installed: false, running: false },
    ],
  ])('reads sc query: %j', (text, facts) => {
    expect(read('sc-query-csagent.txt', text)).toMatchObject({
      family: 'edr',
      facts: { product: 'CrowdStrike Falcon', ...facts },
    });
  });

  it('knows nothing without rights', () => {
    expect(read('sc-query-csagent.txt', '[SC] OpenService FAILED 5:\n\nAccess is denied.\n')).toMatchObject({
      unknown: 'not-permitted',
    });
  });
});

describe('batteries of Windows', () => {
  it('adds two batteries of a report and names the worst', () => {
    const battery = (id: string, design: number, full: number, count: number) =>
      `<Battery><Id>${id}</Id><Manufacturer>M</Manufacturer><SerialNumber>S</SerialNumber><Chemistry>LiP</Chemistry><DesignCapacity>${design}</DesignCapacity><FullChargeCapacity>${full}</FullChargeCapacity><CycleCount>${count}</CycleCount></Battery>`;
    expect(
      read(
        'batteryreport-two.xml',
        `<?xml version="1.0"?><BatteryReport xmlns="x"><Batteries>${battery('A', 20_000, 18_000, 120)}${battery('B', 40_000, 20_000, 0)}</Batteries></BatteryReport>`,
      ),
    ).toMatchObject({
      facts: {
        count: 2,
        capacityUnit: 'mWh',
        cycleCount: null,
        totalDesignCapacity: 60_000,
        totalFullChargeCapacity: 38_000,
        totalHealthPercent: 63.33,
        worstHealthPercent: 50,
        batteries: [
          { id: 'A', cycleCount: 120 },
          { id: 'B', cycleCount: null },
        ],
      },
    });
  });

  it('finds no battery in a desktop’s report', () => {
    expect(
      read('batteryreport.xml', '<BatteryReport xmlns="x"><Batteries></Batteries></BatteryReport>'),
    ).toMatchObject({ facts: { present: false, count: 0 } });
  });

  it.each([
    [2, null, true],
    [3, false, true],
    [6, true, true],
    [1, false, false],
  ])('reads battery status %i', (BatteryStatus, isCharging, acConnected) => {
    expect(
      read(
        'win32-battery.json',
        JSON.stringify({ BatteryStatus, EstimatedChargeRemaining: 50, EstimatedRunTime: 71_582_788 }),
      ),
    ).toMatchObject({ facts: { isCharging, acConnected, percent: 50, minutesRemaining: null } });
  });
});
