import type { ScanDefinition } from './scan.ts';
import { antispywareScan } from './scans/antispyware.ts';
import { appInstalledScan } from './scans/app-installed.ts';
import { avDefenderScan } from './scans/av-defender.ts';
import { avProductsScan } from './scans/av-products.ts';
import { batteryScan } from './scans/battery.ts';
import { bootSecureScan } from './scans/boot-secure.ts';
import { browserScan } from './scans/browser.ts';
import { certDeviceScan } from './scans/cert-device.ts';
import { citrixWorkspaceScan } from './scans/citrix-workspace.ts';
import { crashCountScan } from './scans/crash-count.ts';
import { diskEncryptionScan } from './scans/disk-encryption.ts';
import { diskFreeScan } from './scans/disk-free.ts';
import { diskHealthScan } from './scans/disk-health.ts';
import { edrFalconScan } from './scans/edr-falcon.ts';
import { fileScan } from './scans/file.ts';
import { firewallScan } from './scans/firewall.ts';
import { gatekeeperScan } from './scans/gatekeeper.ts';
import { joinDomainScan, ssoPrtScan } from './scans/join.ts';
import { loginAutoScan } from './scans/login-auto.ts';
import { mdmEnrolledScan, mdmLastSyncScan } from './scans/mdm.ts';
import { netMacScan } from './scans/net-mac.ts';
import { netVpnScan } from './scans/net-vpn.ts';
import { osIntegrityScan } from './scans/os-integrity.ts';
import { osSupportScan } from './scans/os-support.ts';
import { osVersionScan } from './scans/os-version.ts';
import { passwordPolicyScan } from './scans/password-policy.ts';
import { perfScan } from './scans/perf.ts';
import { processScan } from './scans/process.ts';
import { processesScan } from './scans/processes.ts';
import { rebootPendingScan } from './scans/reboot-pending.ts';
import { registryNumericScan, registryTextScan } from './scans/registry.ts';
import { remoteAccessScan } from './scans/remote-access.ts';
import { screenLockScan } from './scans/screen-lock.ts';
import { serviceScan } from './scans/service.ts';
import { timeSkewScan } from './scans/time-skew.ts';
import { tpmScan } from './scans/tpm.ts';
import {
  updateAutoScan,
  updateLastCheckScan,
  updateLastInstalledScan,
  updateMissingScan,
} from './scans/updates.ts';
import { uptimeScan } from './scans/uptime.ts';

/** Every check the agent knows, fresh: checks that measure rates remember their last reading, so scanners do not share them. */
export function scanCatalogue(): ScanDefinition[] {
  return [
    osVersionScan(),
    osSupportScan(),
    diskFreeScan(),
    diskHealthScan(),
    batteryScan(),
    diskEncryptionScan(),
    firewallScan(),
    uptimeScan(),
    rebootPendingScan(),
    perfScan(),
    netMacScan(),
    processesScan(),
    avProductsScan(),
    avDefenderScan(),
    antispywareScan(),
    bootSecureScan(),
    tpmScan(),
    osIntegrityScan(),
    gatekeeperScan(),
    screenLockScan(),
    passwordPolicyScan(),
    loginAutoScan(),
    remoteAccessScan(),
    edrFalconScan(),
    crashCountScan(),
    citrixWorkspaceScan(),
    appInstalledScan(),
    fileScan(),
    processScan(),
    serviceScan(),
    registryNumericScan(),
    registryTextScan(),
    certDeviceScan(),
    joinDomainScan(),
    ssoPrtScan(),
    updateLastCheckScan(),
    updateMissingScan(),
    updateLastInstalledScan(),
    updateAutoScan(),
    mdmEnrolledScan(),
    mdmLastSyncScan(),
    browserScan(),
    timeSkewScan(),
    netVpnScan(),
  ];
}
