/**
 * What each recording of a real machine says, read by eye: family and facts that must be there, or the reason why it says nothing;
 * `mustNot` holds the readings that are easily made and wrong.
 */
export type Expected =
  | { readonly family: string; readonly facts: object; readonly mustNot?: readonly object[] }
  | { readonly unknown: string };

const xps = {
  id: 'DELL JHXPY53',
  manufacturer: 'SMP',
  serial: '2677',
  designCapacity: 57_532,
  fullChargeCapacity: 48_807,
  cycleCount: null,
  healthPercent: 84.8,
};
const notJoined = {
  entraJoined: false,
  adDomainJoined: false,
  enterpriseJoined: false,
  workplaceJoined: false,
  joinType: 'none',
  windowsHelloSet: false,
  azureAdPrt: false,
  enterprisePrt: false,
  mdmUrl: null,
  tenantId: null,
};
const hotfixes = {
  entries: 6,
  kbCount: 6,
  kbsSample: ['KB4486553', 'KB4462930', 'KB4470788', 'KB4480056', 'KB4487038', 'KB4482887'],
  latestInstalledOn: '2020-09-09T00:00:00Z',
};
const defenderOnly = {
  antivirus: [
    {
      name: 'Windows Defender',
      state: 'on',
      signatures: 'upToDate',
      owner: 'microsoft',
      stateTime: '2022-04-18T08:05:47Z',
    },
  ],
  firewall: [],
  antispyware: [],
  anyAntivirusOn: true,
  allOnAntivirusUpToDate: true,
};
const ventura = {
  status: 'ok',
  count: 1,
  restartRequired: true,
  updates: [
    {
      label: 'macOS Ventura 13.3.1-22E261',
      title: 'macOS Ventura 13.3.1',
      version: '13.3.1',
      sizeBytes: 868_648 * 1024,
      recommended: true,
      restart: true,
    },
  ],
};
const noUpdate = { status: 'ok', count: 0, updates: [], restartRequired: false };
const bde = (mount: string, kind: string) => ({
  mount,
  kind,
  conversion: 'fullyDecrypted',
  percent: 0,
  protection: 'off',
  locked: false,
});

export const WINDOWS: Readonly<Record<string, Expected>> = {
  'appx-list-russian.txt': {
    family: 'applications',
    facts: { count: 8, applications: [{ name: 'Проводник', version: '10.0.19041.423' }] },
  },
  'battery-root-wmi-capacities.txt': {
    family: 'battery',
    facts: {
      count: 1,
      capacityUnit: 'mWh',
      healthPercent: 52.7,
      batteries: [{ designCapacity: 83_995, fullChargeCapacity: 44_232 }],
    },
  },
  'batteryreport-xps13-cycle0-bom.xml': {
    family: 'battery',
    facts: {
      present: true,
      count: 1,
      capacityUnit: 'mWh',
      cycleCount: null,
      healthPercent: 84.8,
      percent: null,
      batteries: [xps],
    },
    mustNot: [{ cycleCount: 0 }, { percent: 117.9 }, { percent: 100 }],
  },
  'batteryreport.html': {
    family: 'battery',
    facts: {
      present: true,
      count: 1,
      cycleCount: null,
      healthPercent: 69.6,
      batteries: [
        {
          id: 'PABAS0241231',
          manufacturer: 'Hewlett-Packard',
          serial: '41167',
          chemistry: 'LION',
          designCapacity: 52_500,
          fullChargeCapacity: 36_520,
        },
      ],
    },
    mustNot: [{ totalDesignCapacity: 52.5 }],
  },
  'diskdrive-wmic-utf16-latitude.wmi.txt': {
    family: 'physicalDisks',
    facts: {
      disks: [
        {
          name: 'PC300 NVMe SK hynix 512GB',
          serial: 'ACE4_2E61_9000_7804.',
          firmware: '20007A00',
          sizeBytes: 512_105_932_800,
          busType: null,
          mediaType: null,
        },
      ],
    },
    mustNot: [{ disks: [{ busType: 'SCSI' }] }, { disks: [{ mediaType: 'HDD' }] }],
  },
  'dsregcmd-malformed-first-header-lost.txt': { unknown: 'parse-error' },
  'dsregcmd-sso-section-only-indented.txt': {
    family: 'join',
    facts: {
      azureAdPrt: true,
      enterprisePrt: true,
      prtUpdated: '2020-07-12T22:57:53Z',
      entraJoined: null,
      adDomainJoined: null,
      joinType: null,
      mdmEnrolled: null,
    },
    mustNot: [{ entraJoined: false }, { joinType: 'none' }, { tpmProtected: false }],
  },
  'dsregcmd-workgroup-not-joined.txt': { family: 'join', facts: notJoined },
  'empty.txt': { unknown: 'no-output' },
  'encryptablevolume-wmic-utf16-c-protected.wmi.txt': {
    family: 'diskEncryption',
    facts: {
      volumes: [
        {
          mount: 'C:',
          kind: 'os',
          conversion: 'fullyEncrypted',
          protection: 'on',
          method: 'Aes256',
          percent: null,
        },
      ],
      osVolumeProtected: true,
      allFixedVolumesProtected: true,
    },
  },
  'firewall-registry-win10-domainprofile.reg': {
    family: 'firewall',
    facts: { profiles: { domain: true, private: null, public: null }, allProfilesOn: null },
    mustNot: [{ allProfilesOn: true }],
  },
  'firewall-registry-win10-publicprofile.reg': {
    family: 'firewall',
    facts: { profiles: { domain: null, private: null, public: true }, allProfilesOn: null },
  },
  'firewall-registry-win10-standardprofile.reg': {
    family: 'firewall',
    facts: { profiles: { domain: null, private: true, public: null }, allProfilesOn: null },
  },
  'get-bitlockervolume-list-comma-decimal.txt': {
    family: 'diskEncryption',
    facts: {
      volumes: [
        {
          mount: 'C:',
          kind: 'os',
          conversion: 'fullyEncrypted',
          percent: 100,
          protection: 'on',
          method: 'XtsAes128',
          locked: false,
        },
      ],
      osVolumeProtected: true,
    },
  },
  'get-hotfix-2019.json': { family: 'hotfixes', facts: hotfixes },
  'get-hotfix-2019.utf8-bom.json': { family: 'hotfixes', facts: hotfixes },
  'get-mpcomputerstatus-list-2013.txt': {
    family: 'defender',
    facts: {
      amRunningMode: 'Normal',
      serviceEnabled: true,
      antivirusEnabled: true,
      realTimeProtection: true,
      behaviorMonitor: true,
      onAccess: true,
      ioav: true,
      networkInspection: false,
      tamperProtected: null,
      isVirtualMachine: null,
      engineVersion: '1.1.9700.0',
      productVersion: '4.3.9463.0',
      signatureVersion: '1.155.1107.0',
      signatureAgeDays: 0,
      signatureUpdatedLocal: '2013-07-30T03:01:45',
      quickScanAgeDays: 0,
      fullScanAgeDays: null,
    },
    mustNot: [{ fullScanAgeDays: 4_294_967_295 }, { tamperProtected: false }],
  },
  'get-mppreference-not-admin.json': {
    family: 'defender',
    facts: { exclusionCount: null, exclusionsReadable: false, realTimeProtection: null },
    mustNot: [{ exclusionCount: 0 }, { exclusionCount: 1 }],
  },
  'get-netfirewallprofile-two-of-three.json': {
    family: 'firewall',
    facts: { profiles: { domain: null, private: true, public: true }, allProfilesOn: null },
    mustNot: [{ allProfilesOn: true }, { profiles: { domain: false } }],
  },
  'get-netfirewallsetting-trailing-spaces.json': {
    family: 'firewall',
    facts: { allProfilesOn: null },
    mustNot: [{ allProfilesOn: true }, { allProfilesOn: false }],
  },
  'get-process-server2022.json': {
    family: 'processes',
    facts: {
      count: 2,
      processes: [
        { name: 'AggregatorHost', pid: 3624 },
        { name: 'cmd', pid: 2628 },
      ],
    },
  },
  'get-storagereliabilitycounter-list.txt': {
    family: 'physicalDisks',
    facts: { disks: [{ device: '8', temperatureC: 28, powerOnHours: 0, wearPercent: null, health: null }] },
    mustNot: [{ disks: [{ wearPercent: 0 }] }],
  },
  'get-tpm-list.txt': {
    family: 'tpm',
    facts: {
      present: true,
      ready: true,
      enabled: true,
      activated: true,
      owned: true,
      restartPending: true,
      manufacturer: 'INTC',
      lockedOut: false,
    },
  },
  'logicaldisk-wmic-utf16-win10.wmi.txt': {
    family: 'storage',
    facts: {
      volumes: [
        {
          mount: 'C:',
          kind: 'fixed',
          fs: 'NTFS',
          sizeBytes: 510_462_619_648,
          freeBytes: 271_162_613_760,
          freePercent: 53.1,
          dirty: false,
        },
      ],
      lowestFixedFreePercent: 53.1,
    },
  },
  'manage-bde-status-de-encrypting-3-percent.txt': { unknown: 'parse-error' },
  'manage-bde-status-de-not-encrypted.cp850.txt': { unknown: 'parse-error' },
  'manage-bde-status-de-not-encrypted.txt': { unknown: 'parse-error' },
  'manage-bde-status-en-three-volumes-decrypted.txt': {
    family: 'diskEncryption',
    facts: {
      volumes: [bde('C:', 'os'), bde('J:', 'data'), bde('K:', 'data')],
      osVolumeProtected: false,
      allFixedVolumesProtected: false,
    },
  },
  'ntcurrentversion-17763-server-eval.json': {
    family: 'os',
    facts: {
      platform: 'windows',
      majorName: 'Windows Server 2019',
      build: 17_763,
      ubr: 720,
      fullVersion: '10.0.17763.720',
      editionId: 'ServerDatacenterEval',
      isServer: true,
      displayVersion: null,
      arch: null,
    },
  },
  'ntcurrentversion-26100-enterprise-hotpatch.json': {
    family: 'os',
    facts: {
      platform: 'windows',
      majorName: 'Windows 11',
      build: 26_100,
      ubr: 3000,
      fullVersion: '10.0.26100.3000',
      displayVersion: '24H2',
      editionId: 'Enterprise',
      installationType: 'Client',
      isServer: false,
      isLtsc: false,
      arch: 'x64',
      supportEnd: '2027-10-12',
      supported: true,
    },
  },
  'operatingsystem-wmic-almost-empty.wmi.txt': {
    family: 'os',
    facts: { version: null, build: null, majorName: null, isServer: null },
    mustNot: [{ isServer: false }, { supported: false }],
  },
  'pending-file-rename-operations-invalid-json.json': { unknown: 'parse-error' },
  'physicaldisk-wmic-utf16-nvme-healthy.wmi.txt': {
    family: 'physicalDisks',
    facts: {
      disks: [
        {
          device: '0',
          name: 'PC300 NVMe SK hynix 512GB',
          mediaType: 'SSD',
          busType: 'NVMe',
          health: 'healthy',
          operationalStatus: ['OK'],
          sizeBytes: 512_110_190_592,
          serial: 'ACE4_2E61_9000_7804.',
          firmware: '20007A00',
        },
      ],
    },
  },
  'sc-query-csagent-running.txt': {
    family: 'edr',
    facts: { product: 'CrowdStrike Falcon', installed: true, running: true },
  },
  'securitycenter2-products-defender-only.json': { family: 'securityProducts', facts: defenderOnly },
  'securitycenter2-products-defender-only.utf16le-bom.json': {
    family: 'securityProducts',
    facts: defenderOnly,
  },
  'systeminfo-win10-domain-member.txt': {
    family: 'os',
    facts: {
      platform: 'windows',
      majorName: 'Windows 10',
      caption: 'Microsoft Windows 10 Enterprise',
      version: '10.0.19042',
      build: 19_042,
      ubr: null,
      arch: 'x64',
      locale: 'en-us',
      hostname: 'DESKTOP-WIN01',
      hotfixCount: 6,
      isServer: false,
      servicePack: null,
      adDomainJoined: true,
      adDomain: 'TEST.local',
      installDateLocal: '2021-02-16T11:20:27',
      lastBootLocal: '2021-03-19T09:25:03',
      lastBoot: null,
    },
    mustNot: [{ ubr: 0 }, { lastBoot: '2021-03-19T09:25:03Z' }],
  },
  'systeminfo-win7-302-hotfixes.txt': {
    family: 'os',
    facts: {
      majorName: 'Windows 7',
      version: '6.1.7601',
      build: 7601,
      servicePack: 'Service Pack 1',
      hotfixCount: 302,
      hostname: 'TEST',
      adDomainJoined: false,
      workgroup: 'WORKGROUP',
      lastBootLocal: '2021-03-22T13:15:51',
    },
    mustNot: [{ hotfixCount: 246 }, { hotfixCount: 245 }],
  },
  'win32-battery-wmic-designcapacity-empty.txt': {
    family: 'battery',
    facts: {
      present: true,
      percent: 80,
      isCharging: false,
      acConnected: false,
      healthPercent: null,
      batteries: [{ designCapacity: null, fullChargeCapacity: null }],
    },
    mustNot: [{ healthPercent: 0 }],
  },
  'wscapi-security-provider-health.json': {
    family: 'securityProducts',
    facts: { providers: { firewall: 'poor', uac: 'poor', antiVirus: 'good', autoUpdate: 'good' } },
  },
  'wua-search-pending-updates.json': {
    family: 'softwareUpdate',
    facts: {
      status: 'ok',
      count: 6,
      restartRequired: false,
      updates: [
        {
          title:
            'Update for Adobe Flash Player for Windows Server 2019 (1809) for x64-based Systems (KB4462930)',
          kbs: ['KB4462930'],
          restart: false,
        },
      ],
    },
  },
};

export const MACOS: Readonly<Record<string, Expected>> = {
  'bputil-one-volume.txt': { family: 'bootPolicy', facts: { osType: 'macOS', securityMode: null } },
  'cortex-cytool-runtime-query-mac.txt': {
    family: 'edr',
    facts: { product: 'Cortex XDR', installed: true, running: true, healthy: true, version: null },
  },
  'defaults-alf-globalstate.txt': {
    family: 'firewall',
    facts: { enabled: true, blockAll: null, stealth: null },
  },
  'df-10.14-time-machine-and-afp.txt': {
    family: 'storage',
    facts: {
      volumes: [
        {
          mount: '/',
          kind: 'fixed',
          sizeBytes: 976_490_576 * 512,
          freeBytes: 660_310_352 * 512,
          freePercent: 67.6,
        },
      ],
      lowestFixedFreePercent: 67.6,
    },
    mustNot: [{ lowestFixedFreePercent: 0 }, { lowestFixedFreePercent: 24.7 }],
  },
  'diskutil-apfs-list.plist': {
    family: 'diskEncryption',
    facts: {
      fileVault: 'on',
      osVolumeProtected: true,
      converting: false,
      volumes: [
        { id: 'disk3s5', name: 'Data', fileVault: true, locked: false },
        { id: 'disk1s1', name: 'iSCPreboot', kind: null },
      ],
    },
    mustNot: [{ fileVault: 'off' }, { osVolumeProtected: false }],
  },
  'fdesetup-status-encrypting-no-first-line.txt': {
    family: 'diskEncryption',
    facts: { fileVault: null, converting: true, percent: 31.2, fullyEncrypted: false },
    mustNot: [{ fullyEncrypted: true }],
  },
  'fdesetup-status-off.txt': {
    family: 'diskEncryption',
    facts: { fileVault: 'off', converting: false, deferred: false, fullyEncrypted: false },
  },
  'fdesetup-status-on-encrypting.txt': {
    family: 'diskEncryption',
    facts: { fileVault: 'on', converting: true, percent: 42, fullyEncrypted: false },
    mustNot: [{ fullyEncrypted: true }],
  },
  'fdesetup-status-on.txt': {
    family: 'diskEncryption',
    facts: { fileVault: 'on', converting: false, deferred: false, pending: false, fullyEncrypted: true },
  },
  'ioreg-platformexpert-macbookpro12.txt': {
    family: 'hardware',
    facts: {
      manufacturer: 'Apple Inc.',
      model: 'MacBookPro12,1',
      uuid: 'CE3A2773-AF9E-515B-918B-5EE5C09372D7',
    },
  },
  'ioreg-smartbattery-m1max-text.txt': {
    family: 'battery',
    facts: {
      percent: 100,
      isCharging: false,
      fullyCharged: true,
      acConnected: false,
      cycleCount: 35,
      designCycleCount: 1000,
      healthPercent: 94.1,
      minutesToFull: null,
      minutesRemaining: null,
      batteries: [{ designCapacity: 8694, fullChargeCapacity: 8179, nominalCapacity: 8423 }],
    },
    mustNot: [
      { healthPercent: 1.2 },
      { minutesRemaining: 65_535 },
      { batteries: [{ fullChargeCapacity: 100 }] },
    ],
  },
  'ioreg-smartbattery-macos27-batterydata-excerpt.txt': {
    family: 'battery',
    facts: {
      percent: 54,
      healthPercent: 100,
      batteries: [{ designCapacity: 5760, fullChargeCapacity: 5793, nominalCapacity: 5937 }],
      isCharging: null,
      cycleCount: null,
    },
    mustNot: [{ isCharging: false }],
  },
  'ioreg-smartbattery-on-battery.plist': {
    family: 'battery',
    facts: {
      percent: 78,
      isCharging: false,
      acConnected: false,
      cycleCount: 338,
      designCycleCount: 1000,
      healthPercent: 87.2,
      minutesRemaining: 296,
      minutesToFull: null,
      batteries: [{ designCapacity: 4563, fullChargeCapacity: 3977, nominalCapacity: 4104 }],
    },
    mustNot: [{ minutesToFull: 65_535 }],
  },
  'mdatp-health-mac.json': {
    family: 'edr',
    facts: {
      product: 'Microsoft Defender for Endpoint',
      healthyFlag: true,
      healthy: true,
      licensed: true,
      version: '101.98.30',
      realTimeProtection: true,
      realTimeAvailable: true,
      passiveMode: false,
      tamperProtection: 'block',
      signatures: 'upToDate',
      signatureVersion: '1.389.10.0',
      signatureUpdated: '2023-05-03T05:48:58.089Z',
      productExpires: '2023-09-06T05:12:28Z',
      protects: true,
    },
  },
  'mdmclient-querydeviceinformation-null-agent.txt': {
    family: 'mdmDeviceInfo',
    facts: {
      osVersion: '13.3.1',
      build: '22E261',
      supplementalBuild: '22E772610a',
      supplementalVersionExtra: '(a)',
      model: 'Mac14,6',
      isSupervised: true,
      isAppleSilicon: true,
      sipEnabled: true,
      agentAnswered: false,
      previousScan: '2023-05-03T07:28:42Z',
    },
  },
  'mdmclient-querysecurityinfo.txt': {
    family: 'mdmDeviceInfo',
    facts: {
      fileVault: 'on',
      hasPersonalRecoveryKey: true,
      firewallEnabled: true,
      blockAll: false,
      stealth: false,
      enrolledViaDep: true,
      userApproved: true,
      sipEnabled: true,
      remoteDesktopEnabled: false,
    },
  },
  'munki-managedinstallreport-pending.plist': {
    family: 'softwareUpdate',
    facts: {
      count: 2,
      installedCount: 1,
      updates: [
        { name: '1Password', version: '8.10.44' },
        { name: 'Slack', version: '4.47.72' },
      ],
    },
  },
  'pmset-batt-charged.txt': {
    family: 'battery',
    facts: {
      source: 'AC Power',
      percent: 100,
      isCharging: false,
      fullyCharged: true,
      acConnected: true,
      minutesRemaining: null,
      batteries: [{ id: 'InternalBattery-0', state: 'full' }],
    },
    mustNot: [{ minutesRemaining: 0 }],
  },
  'pmset-batt-discharging-no-estimate.txt': {
    family: 'battery',
    facts: {
      source: 'Battery Power',
      percent: 100,
      isCharging: false,
      fullyCharged: false,
      acConnected: false,
      minutesRemaining: null,
    },
  },
  'profiles-status-mdm-not-approved.txt': {
    family: 'mdmEnrollment',
    facts: { enrolledViaDep: false, mdmEnrolled: true, userApproved: false, server: null },
  },
  'profiles-status-not-enrolled.txt': {
    family: 'mdmEnrollment',
    facts: { enrolledViaDep: false, mdmEnrolled: false },
  },
  'profiles-stdout-xml-computerlevel.plist': {
    family: 'mdmEnrollment',
    facts: {
      mdmEnrolled: null,
      profileCount: 2,
      profiles: [{ id: 'com.company.mdm.com.apple.security.firewall', name: 'Firewall' }],
    },
  },
  'security-trust-settings-none.txt': {
    family: 'trustSettings',
    facts: { certificates: 1, withSettings: 0 },
  },
  'socketfilterfw-empty.txt': { unknown: 'no-output' },
  'socketfilterfw-listapps.txt': {
    family: 'firewall',
    facts: {
      enabled: null,
      appCount: 6,
      apps: [
        { name: 'replicatord', allowed: true },
        { name: 'Pop Helper.app', allowed: false },
      ],
    },
  },
  'socketfilterfw-malformed.txt': { unknown: 'parse-error' },
  'socketfilterfw-state2.txt': {
    family: 'firewall',
    facts: { enabled: true, blockAll: false, stealth: true },
    mustNot: [{ blockAll: true }],
  },
  'softwareupdate-list-none-noscan.txt': { family: 'softwareUpdate', facts: noUpdate },
  'softwareupdate-list-none-scan.txt': { family: 'softwareUpdate', facts: noUpdate },
  'softwareupdate-list-one-update-noscan.txt': { family: 'softwareUpdate', facts: ventura },
  'softwareupdate-list-one-update-scan.txt': { family: 'softwareUpdate', facts: ventura },
  'softwareupdate-preferences-12.6.plist': {
    family: 'softwareUpdate',
    facts: {
      status: 'ok',
      count: 4,
      lastSuccessful: '2022-12-09T14:28:52Z',
      restartRequired: null,
      updates: [
        { label: 'MSU_UPDATE_21G217_patch_12.6.1', title: 'macOS Monterey 12.6.1', version: '12.6.1' },
      ],
    },
  },
  'sw_vers-10.14.5.txt': {
    family: 'os',
    facts: { platform: 'macos', version: '10.14.5', build: '18F132', caption: 'Mac OS X', supported: false },
  },
  'system_profiler-hardware-software-10.15.txt': {
    family: 'hardware',
    facts: {
      model: 'MacBookPro11,4',
      modelName: 'MacBook Pro',
      memoryBytes: 17_179_869_184,
      osVersion: '10.15.2',
      osBuild: '19C57',
      sipEnabled: true,
      activationLock: false,
      uptimeSeconds: 12_480,
    },
  },
  'system_profiler-nvme-empty-macos26.json': { family: 'physicalDisks', facts: { disks: [] } },
  'system_profiler-power-10.11-discharging-text.txt': {
    family: 'battery',
    facts: {
      present: true,
      percent: 74.9,
      isCharging: false,
      fullyCharged: false,
      acConnected: false,
      cycleCount: 552,
      condition: 'Normal',
      serviceRecommended: false,
      healthPercent: null,
      batteries: [{ serial: 'C01437408B3F90MA2', manufacturer: 'DP', fullChargeCapacity: 6078 }],
    },
  },
  'system_profiler-power-no-battery-macos26.json': {
    family: 'battery',
    facts: { present: false, count: 0, acConnected: true },
  },
  'system_profiler-sata-xml-mac.xml': {
    family: 'physicalDisks',
    facts: {
      disks: [
        {
          device: 'disk0',
          name: 'WDC WD2500AAJS-40VWA1',
          mediaType: 'HDD',
          busType: 'SATA',
          health: 'healthy',
          sizeBytes: 250_059_350_016,
          serial: 'WD-WCARY1264478',
          firmware: '58.01D02',
        },
      ],
    },
  },
  'system_profiler-storage-1tb-with-usb.json': {
    family: 'storage',
    facts: {
      lowestFixedFreePercent: 44,
      smart: 'Verified',
      volumes: [
        { mount: '/', kind: 'fixed', freeBytes: 437_436_678_144 },
        { mount: '/System/Volumes/Data', kind: 'fixed' },
        { mount: '/Volumes/USB_TM_1TB', kind: 'removable' },
      ],
    },
  },
  'systemextensionsctl-list-one.txt': {
    family: 'systemExtensions',
    facts: {
      count: 1,
      extensions: [
        {
          id: 'com.example.sysext',
          teamId: 'LWSYS6YTUZ',
          version: '1.0/1',
          enabled: true,
          active: true,
          state: 'activated enabled',
        },
      ],
    },
  },
  'systemversion-13.3.1.plist': {
    family: 'os',
    facts: { platform: 'macos', version: '13.3.1', build: '22E261', supportEnd: '2025-09-15' },
    mustNot: [{ version: '16.4' }],
  },
};

export const LINUX: Readonly<Record<string, Expected>> = {
  'acpi-V-four-batteries.txt': {
    family: 'battery',
    facts: {
      count: 4,
      acConnected: true,
      isCharging: true,
      percent: null,
      totalDesignCapacity: null,
      worstHealthPercent: 68,
      batteries: [
        {
          id: 'Battery 0',
          state: 'charging',
          percent: 71,
          designCapacity: 2110,
          fullChargeCapacity: 2271,
          healthPercent: 100,
        },
        { id: 'Battery 1', state: 'discharging', percent: 98, healthPercent: 68 },
        { id: 'Battery 2', percent: 0, minutesRemaining: null },
        { id: 'Battery 3', state: 'full', percent: 100 },
      ],
    },
    mustNot: [{ temperatureC: 46 }],
  },
  'apt-list-upgradable.txt': {
    family: 'softwareUpdate',
    facts: {
      status: 'ok',
      count: 15,
      securityCount: 9,
      restartRequired: null,
      updates: [
        { name: 'openssl', version: '3.0.2-0ubuntu1.10', security: true },
        { name: 'dpkg', security: false },
      ],
    },
  },
  'bduitool-status.txt': {
    family: 'edr',
    facts: {
      version: '7.0.3.2239',
      realTimeProtection: true,
      signatures: 'upToDate',
      signatureVersion: '7.95171',
      signatureUpdated: '2023-08-24T09:44:37Z',
    },
  },
  'cryptsetup-status-error.txt': { unknown: 'not-present' },
  'cryptsetup-status-luks2.txt': {
    family: 'diskEncryption',
    facts: {
      mapper: '/dev/mapper/dm-crypto-luks2',
      active: true,
      inUse: true,
      type: 'LUKS2',
      isLuks: true,
      cipher: 'aes-xts-plain64',
      keyBits: 512,
      device: '/dev/sdc2',
    },
  },
  'dmidecode-type22-two-batteries.txt': {
    family: 'battery',
    facts: {
      count: 2,
      capacityUnit: 'mWh',
      totalDesignCapacity: 49_600,
      batteries: [
        { id: '00HW023', manufacturer: 'SMP', serial: '021D', designCapacity: 23_540 },
        { id: '01AV406', designCapacity: 26_060 },
      ],
      healthPercent: null,
    },
  },
  'falconctl-g-cid-error.txt': {
    family: 'edr',
    facts: { product: 'CrowdStrike Falcon', installed: true, cidSet: false, running: null, agentId: null },
    mustNot: [{ running: true }, { cidSet: true }],
  },
  'lsblk-json.json': {
    family: 'diskEncryption',
    facts: {
      osVolumeProtected: false,
      allFixedVolumesProtected: false,
      volumes: [{ mount: '/', kind: 'os', protection: 'off' }],
    },
    mustNot: [{ osVolumeProtected: true }],
  },
  'mdatp-not-expected-output.json': { unknown: 'parse-error' },
  'needrestart-b.txt': {
    family: 'reboot',
    facts: {
      rebootRequired: false,
      kernelRunning: '3.19.3-tl1+',
      kernelExpected: '3.19.3-tl1+',
      kernelState: 1,
      serviceCount: 2,
      containerCount: 1,
      sessionCount: 2,
    },
  },
  'os-release-debian11': {
    family: 'os',
    facts: {
      platform: 'linux',
      version: '11',
      caption: 'Debian GNU/Linux 11 (bullseye)',
      id: 'debian',
      codename: 'bullseye',
    },
  },
  'sentinelctl-linux.txt': {
    family: 'edr',
    facts: {
      product: 'SentinelOne',
      installed: true,
      running: true,
      version: '30.1.1.10',
      agentId: '123a123-12d12-1234-ab0c-1234bd1234',
      tamperProtection: true,
      protectionEnabled: true,
      connected: true,
    },
  },
  'smartctl-i-ssd.txt': {
    family: 'physicalDisks',
    facts: {
      disks: [
        {
          name: 'MTFDDAK480TDC',
          serial: '202028413FA9',
          firmware: 'D1DF003',
          sizeBytes: 480_103_981_056,
          mediaType: 'SSD',
          busType: 'SATA',
          health: null,
        },
      ],
    },
    mustNot: [{ disks: [{ health: 'healthy' }] }],
  },
  'timedatectl-timesync-status.txt': {
    family: 'timeSync',
    facts: {
      server: 'time.google.com',
      stratum: 1,
      offsetMs: -5.224,
      delayMs: 65.884,
      jitterMs: 5.386,
      pollIntervalSeconds: 512,
      packetCount: 5,
      leap: 'normal',
      synchronized: null,
    },
  },
  'ufw-status-active-short.txt': {
    family: 'firewall',
    facts: {
      product: 'ufw',
      running: true,
      defaultIncoming: null,
      defaultOutgoing: null,
      enabledAtBoot: null,
    },
  },
  'ufw-status-inactive.txt': { family: 'firewall', facts: { product: 'ufw', running: false } },
  'upower-e.txt': {
    family: 'battery',
    facts: { present: true, count: 1, batteries: [{ id: 'BAT0' }] },
    mustNot: [{ count: 2 }, { count: 3 }],
  },
  'upower-i-c-locale.txt': {
    family: 'battery',
    facts: {
      count: 1,
      capacityUnit: 'Wh',
      percent: 42.5,
      isCharging: true,
      healthPercent: 84.7,
      voltage: 12.191,
      minutesToFull: 57.3,
      batteries: [
        {
          manufacturer: 'NOTEBOOK',
          serial: '0001',
          chemistry: 'lithium-ion',
          state: 'charging',
          designCapacity: 62.16,
          fullChargeCapacity: 52.6473,
          energyNow: 22.3998,
          reportedCapacityPercent: 84.7,
        },
      ],
    },
  },
  'upower-i-comma-charging.txt': {
    family: 'battery',
    facts: {
      count: 1,
      percent: 88,
      isCharging: true,
      healthPercent: 92.8,
      batteries: [
        {
          id: 'BAT0',
          designCapacity: 57.532,
          fullChargeCapacity: 53.4052,
          energyNow: 47.3708,
          chemistry: 'lithium-polymer',
        },
      ],
    },
    mustNot: [{ totalDesignCapacity: 57_532 }],
  },
  'upower-i-mouse-not-a-laptop-battery.txt': {
    family: 'battery',
    facts: { present: null, count: 0, percent: null },
    mustNot: [{ percent: 90 }, { present: true }],
  },
};
