import type { Platform } from '../../../shared/device/platform.ts';
import type { ScanDefinition } from './scan.ts';
import { batteryScan } from './scans/battery.ts';
import { diskEncryptionScan } from './scans/disk-encryption.ts';
import { diskFreeScan } from './scans/disk-free.ts';
import { diskHealthScan } from './scans/disk-health.ts';
import { firewallScan } from './scans/firewall.ts';
import { netMacScan } from './scans/net-mac.ts';
import { osSupportScan } from './scans/os-support.ts';
import { osVersionScan } from './scans/os-version.ts';
import { perfScan } from './scans/perf.ts';
import { processesScan } from './scans/processes.ts';
import { rebootPendingScan } from './scans/reboot-pending.ts';
import { uptimeScan } from './scans/uptime.ts';

/** Every check the agent knows, fresh: checks that measure rates remember their last reading, so scanners do not share them. */
export function scanCatalogue(platform: Platform): ScanDefinition[] {
  return [
    osVersionScan(),
    osSupportScan(),
    diskFreeScan(platform),
    diskHealthScan(),
    batteryScan(platform),
    diskEncryptionScan(),
    firewallScan(),
    uptimeScan(),
    rebootPendingScan(),
    perfScan(),
    netMacScan(),
    processesScan(platform),
  ];
}
