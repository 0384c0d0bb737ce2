# Trayline: what one round of checks asks Windows. Windows PowerShell 5.1, read-only, no module install, no network but for `updates`.
# Called with  -Checks name,name,...  ; prints one line of JSON per check as soon as it is known, so that a check which hangs
# does not take the answers before it along:
#   {"id": "...", "ok": true, "ms": 12, "data": [ ... ]}
#   {"id": "...", "ok": false, "ms": 12, "category": "PermissionDenied", "hresult": -2147024891, "error": "<error id>"}
# Recovery keys, user names other than the signed-in one, window titles and command lines are never read, and paths of programs only
# where an administrator asks for one.
param([Parameter(Mandatory = $true)][string]$Checks)

$ProgressPreference = 'SilentlyContinue'
$ErrorActionPreference = 'Stop'

# Constrained Language Mode (WDAC, AppLocker) forbids most of what follows: say so instead of failing one by one.
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
  Write-Output '{"id":"session","ok":false,"ms":0,"category":"ConstrainedLanguage","hresult":0,"error":"LanguageMode"}'
  exit 0
}
[Console]::OutputEncoding = New-Object Text.UTF8Encoding $false

function Write-Check([string]$Id, [scriptblock]$Ask) {
  $clock = [Diagnostics.Stopwatch]::StartNew()
  try {
    $rows = @(& $Ask)
    $result = [ordered]@{ id = $Id; ok = $true; ms = $clock.ElapsedMilliseconds; data = $rows }
  } catch {
    $hresult = 0
    if ($_.Exception) { $hresult = $_.Exception.HResult }
    $result = [ordered]@{
      id = $Id; ok = $false; ms = $clock.ElapsedMilliseconds
      category = [string]$_.CategoryInfo.Category; hresult = $hresult; error = [string]$_.FullyQualifiedErrorId
    }
  }
  ConvertTo-Json -InputObject $result -Compress -Depth 5
}

# One registry value, never its whole key: passwords and names may stand beside it. What may not be read throws.
function Read-Value([string]$Id, [string]$Path, [string]$Name) {
  $value = $null
  if (Test-Path -LiteralPath $Path) { $value = (Get-Item -LiteralPath $Path).GetValue($Name, $null) }
  [pscustomobject]@{ Id = $Id; Set = ($null -ne $value); Value = $value }
}

# Registry hives of the people signed in. Whose they are is not told; those we may not open are passed over.
function Get-PersonHive {
  Get-ChildItem -LiteralPath 'Registry::HKEY_USERS' -ErrorAction SilentlyContinue |
    Where-Object { $_.PSChildName -match '^S-1-(5-21|12-1)-[\d-]+$' }
}

# The list of installed programs: for everybody in both halves of the registry, and for the people signed in. Never Win32_Product,
# which starts a repair of every program it lists.
function Get-Program([string]$Pattern) {
  $list = 'Microsoft\Windows\CurrentVersion\Uninstall'
  $keys = @(foreach ($half in @('SOFTWARE', 'SOFTWARE\WOW6432Node')) {
      $path = "Registry::HKEY_LOCAL_MACHINE\$half\$list"
      if (Test-Path -LiteralPath $path) { , @('machine', (Get-Item -LiteralPath $path)) }
    })
  foreach ($hive in @(Get-PersonHive)) {
    $key = $hive.OpenSubKey("Software\$list")
    if ($key) { $keys += , @('user', $key) }
  }
  foreach ($pair in $keys) {
    foreach ($entry in $pair[1].GetSubKeyNames()) {
      $program = $pair[1].OpenSubKey($entry)
      if (-not $program) { continue }
      $name = [string]$program.GetValue('DisplayName', '')
      if ($name -and $name -like $Pattern) {
        [pscustomobject]@{
          Scope = $pair[0]; Name = $name
          Version = [string]$program.GetValue('DisplayVersion', ''); Publisher = [string]$program.GetValue('Publisher', '')
        }
      }
      $program.Close()
    }
  }
}

# COM dates are UTC without saying so.
function ConvertTo-Moment($Date) {
  if ($Date) { [datetime]::SpecifyKind([datetime]$Date, [DateTimeKind]::Utc).ToString('o') }
}

$wanted = $Checks.Split(',')

# Cheap ones first: what hangs, hangs at the end.
foreach ($check in @(
    'secureBoot', 'smartScreen', 'screenLock', 'autoLogon', 'remoteAccess', 'falcon', 'volumes', 'identity',
    'processes', 'adapters', 'reboot', 'firewall', 'battery', 'encryption', 'antivirus', 'antispyware',
    'deviceGuard', 'passwordPolicy', 'tpm', 'defender', 'domain', 'mdm', 'citrix', 'browsers', 'vpn', 'certificates',
    'apps', 'processPaths', 'updateAgent', 'updateHistory', 'crashes', 'disks', 'updates'
  )) {
  if ($wanted -notcontains $check) { continue }
  switch ($check) {

    'volumes' {
      Write-Check 'volumes' {
        Get-CimInstance -ClassName Win32_LogicalDisk -Filter 'DriveType=3' |
          Select-Object DeviceID, DriveType, FileSystem, Size, FreeSpace,
            @{ n = 'SystemDrive'; e = { [bool]($_.DeviceID -eq $env:SystemDrive -or $_.DeviceID -eq [Environment]::SystemDirectory.Substring(0, 2)) } }
      }
    }

    'identity' {
      Write-Check 'identity' {
        $product = Get-CimInstance -ClassName Win32_ComputerSystemProduct | Select-Object -First 1
        $bios = Get-CimInstance -ClassName Win32_BIOS | Select-Object -First 1
        $system = Get-CimInstance -ClassName Win32_ComputerSystem | Select-Object -First 1
        [pscustomobject]@{
          Uuid = $product.UUID; Serial = $bios.SerialNumber
          Manufacturer = $system.Manufacturer; Model = $system.Model; Person = $system.UserName
        }
      }
    }

    'processes' {
      Write-Check 'processes' {
        # One query for all: asking every process object costs an exception for each protected one.
        Get-CimInstance -Query 'SELECT ProcessId,Name,WorkingSetSize,KernelModeTime,UserModeTime,CreationDate FROM Win32_Process WHERE ProcessId > 0' |
          ForEach-Object {
            $started = ''
            if ($_.CreationDate) { $started = $_.CreationDate.ToUniversalTime().Ticks.ToString() }
            $seconds = $null
            if ($null -ne $_.KernelModeTime) { $seconds = ($_.KernelModeTime + $_.UserModeTime) / 1e7 }
            [pscustomobject]@{ Id = $_.ProcessId; Name = $_.Name; WorkingSet = $_.WorkingSetSize; Seconds = $seconds; Started = $started }
          }
      }
    }

    'adapters' {
      Write-Check 'adapters' {
        Get-NetAdapter -Physical | Select-Object Name, MacAddress, PermanentAddress,
          @{ n = 'Medium'; e = { [int]$_.NdisPhysicalMedium } },
          @{ n = 'Connected'; e = { [int]$_.MediaConnectState } },
          @{ n = 'Virtual'; e = { [bool]$_.Virtual } }
      }
    }

    'reboot' {
      Write-Check 'reboot' {
        $required = $null
        try { $required = [bool](New-Object -ComObject Microsoft.Update.SystemInfo).RebootRequired } catch { }
        $session = Get-ItemProperty -Path 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager'
        [pscustomobject]@{
          ComponentServicing = Test-Path 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending'
          WindowsUpdate = Test-Path 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired'
          # Pairs of source and target; an empty target means "delete". Only how many there are is told.
          FileRenames = @($session.PendingFileRenameOperations | Where-Object { $_ }).Count
          UpdateAgent = $required
        }
      }
    }

    'firewall' {
      Write-Check 'firewall' {
        # Without ActiveStore the local settings answer and Group Policy is missed.
        Get-NetFirewallProfile -PolicyStore ActiveStore |
          Select-Object Name, @{ n = 'Enabled'; e = { [int]$_.Enabled } }, @{ n = 'DefaultInboundAction'; e = { [int]$_.DefaultInboundAction } }
      }
      # Other makers' firewalls switch Windows' own off and register here; the namespace does not exist on servers.
      Write-Check 'firewallProducts' {
        Get-CimInstance -Namespace root/SecurityCenter2 -ClassName FirewallProduct | Select-Object displayName, productState
      }
    }

    'battery' {
      Write-Check 'battery' {
        $rows = @{}
        $ask = {
          param($class)
          try { Get-CimInstance -Namespace root/wmi -ClassName $class } catch { }
        }
        foreach ($one in @(& $ask 'BatteryStaticData')) {
          if ($one) { $rows[$one.InstanceName] = [ordered]@{ Id = $one.InstanceName; Design = $one.DesignedCapacity } }
        }
        foreach ($one in @(& $ask 'BatteryFullChargedCapacity')) {
          if (-not $one) { continue }
          if (-not $rows[$one.InstanceName]) { $rows[$one.InstanceName] = [ordered]@{ Id = $one.InstanceName } }
          $rows[$one.InstanceName].Full = $one.FullChargedCapacity
        }
        foreach ($one in @(& $ask 'BatteryCycleCount')) {
          if ($one -and $rows[$one.InstanceName]) { $rows[$one.InstanceName].Cycles = $one.CycleCount }
        }
        foreach ($one in @(& $ask 'BatteryStatus')) {
          if (-not $one) { continue }
          if (-not $rows[$one.InstanceName]) { $rows[$one.InstanceName] = [ordered]@{ Id = $one.InstanceName } }
          $row = $rows[$one.InstanceName]
          $row.Remaining = $one.RemainingCapacity; $row.Online = $one.PowerOnline
          $row.Charging = $one.Charging; $row.Discharging = $one.Discharging
        }
        $rows.Values | ForEach-Object { [pscustomobject]$_ }
      }
      Write-Check 'batteryState' {
        Get-CimInstance -ClassName Win32_Battery |
          Select-Object DeviceID, BatteryStatus, EstimatedChargeRemaining, EstimatedRunTime
      }
      # The report knows the design capacity and the cycles where root/wmi does not (on most machines without admin rights).
      Write-Check 'batteryReport' {
        $file = Join-Path ([IO.Path]::GetTempPath()) ('trayline-' + [guid]::NewGuid().ToString('n') + '.xml')
        try {
          & (Join-Path ([Environment]::SystemDirectory) 'powercfg.exe') /batteryreport /xml /output $file | Out-Null
          [xml]$report = Get-Content -LiteralPath $file -Raw -Encoding UTF8
          [pscustomobject]@{ Xml = $report.BatteryReport.Batteries.OuterXml }
        } finally {
          Remove-Item -LiteralPath $file -Force -ErrorAction SilentlyContinue
        }
      }
    }

    'encryption' {
      Write-Check 'encryption' {
        # Protectors (recovery keys) are neither needed nor read.
        Get-CimInstance -Namespace root/cimv2/Security/MicrosoftVolumeEncryption -ClassName Win32_EncryptableVolume |
          Select-Object DriveLetter, VolumeType, ProtectionStatus, ConversionStatus, EncryptionMethod
      }
      # Without admin rights only the shell tells, and only whether.
      Write-Check 'encryptionShell' {
        $shell = New-Object -ComObject Shell.Application
        Get-CimInstance -ClassName Win32_LogicalDisk -Filter 'DriveType=3' | ForEach-Object {
          $folder = $shell.NameSpace($_.DeviceID)
          $state = $null
          if ($folder) { $state = $folder.Self.ExtendedProperty('System.Volume.BitLockerProtection') }
          [pscustomobject]@{ DriveLetter = $_.DeviceID; Shell = $state; SystemDrive = ($_.DeviceID -eq [Environment]::SystemDirectory.Substring(0, 2)) }
        }
      }
    }

    'secureBoot' {
      Write-Check 'secureBoot' {
        Read-Value 'secureBoot' 'HKLM:\SYSTEM\CurrentControlSet\Control\SecureBoot\State' 'UEFISecureBootEnabled'
        Read-Value 'firmware' 'HKLM:\SYSTEM\CurrentControlSet\Control' 'PEFirmwareType'
      }
    }

    'smartScreen' {
      Write-Check 'smartScreen' {
        Read-Value 'setting' 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer' 'SmartScreenEnabled'
        Read-Value 'policy' 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\System' 'EnableSmartScreen'
        Read-Value 'policyLevel' 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\System' 'ShellSmartScreenLevel'
      }
    }

    'screenLock' {
      Write-Check 'screenLock' {
        Read-Value 'limit' 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System' 'InactivityTimeoutSecs'
        Read-Value 'mdmMinutes' 'HKLM:\SOFTWARE\Microsoft\PolicyManager\current\device\DeviceLock' 'MaxInactivityTimeDeviceLock'
      }
      # The screen savers of the people signed in; whose they are is not told. A service has no screen saver of its own.
      Write-Check 'screenSavers' {
        # By name first: merely listing the keys opens those of services, which people may not.
        $users = [Microsoft.Win32.Registry]::Users
        foreach ($name in @($users.GetSubKeyNames() | Where-Object { $_ -match '^S-1-(5-21|12-1)-[\d-]+$' })) {
          $row = [ordered]@{}
          foreach ($place in @(@('', 'Control Panel\Desktop'), @('Policy', 'Software\Policies\Microsoft\Windows\Control Panel\Desktop'))) {
            $key = $users.OpenSubKey($name + '\' + $place[1])
            foreach ($setting in @('ScreenSaveActive', 'ScreenSaverIsSecure', 'ScreenSaveTimeOut')) {
              $row[$place[0] + $setting] = $null
              if ($key) { $row[$place[0] + $setting] = $key.GetValue($setting, $null) }
            }
            # Which saver is nobody's business, but without one nothing starts.
            $row[$place[0] + 'Saver'] = [bool]($key -and $key.GetValue('SCRNSAVE.EXE', ''))
          }
          [pscustomobject]$row
        }
      }
    }

    'autoLogon' {
      Write-Check 'autoLogon' {
        # Beside this value stand the name and often the password of whom it signs in.
        Read-Value 'automatic' 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon' 'AutoAdminLogon'
      }
    }

    'remoteAccess' {
      Write-Check 'remoteAccess' {
        Read-Value 'policy' 'HKLM:\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' 'fDenyTSConnections'
        Read-Value 'setting' 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server' 'fDenyTSConnections'
        Read-Value 'sshd' 'HKLM:\SYSTEM\CurrentControlSet\Services\sshd' 'Start'
      }
    }

    'falcon' {
      Write-Check 'falcon' {
        $file = Join-Path ([Environment]::GetFolderPath('ProgramFiles')) 'CrowdStrike\CSFalconService.exe'
        if (Test-Path -LiteralPath $file) { [pscustomobject]@{ Version = (Get-Item -LiteralPath $file).VersionInfo.ProductVersion } }
      }
    }

    'antivirus' {
      Write-Check 'antivirus' {
        Get-CimInstance -Namespace root/SecurityCenter2 -ClassName AntiVirusProduct | Select-Object displayName, productState, timestamp
      }
    }

    'antispyware' {
      Write-Check 'antispyware' {
        Get-CimInstance -Namespace root/SecurityCenter2 -ClassName AntiSpywareProduct | Select-Object displayName, productState, timestamp
      }
    }

    'deviceGuard' {
      Write-Check 'deviceGuard' {
        Get-CimInstance -Namespace root/Microsoft/Windows/DeviceGuard -ClassName Win32_DeviceGuard |
          Select-Object VirtualizationBasedSecurityStatus, SecurityServicesConfigured, SecurityServicesRunning
      }
      Write-Check 'deviceGuardSettings' {
        Read-Value 'policy' 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\DeviceGuard' 'HypervisorEnforcedCodeIntegrity'
        Read-Value 'setting' 'HKLM:\SYSTEM\CurrentControlSet\Control\DeviceGuard\Scenarios\HypervisorEnforcedCodeIntegrity' 'Enabled'
      }
    }

    'passwordPolicy' {
      # The rules of the local accounts hang on each of them, language-neutral and readable by everybody; `net accounts` is translated.
      Write-Check 'passwordRules' {
        $machine = [ADSI]"WinNT://$([Environment]::MachineName),computer"
        $machine.Children.SchemaFilter.Add('user') | Out-Null
        foreach ($account in $machine.Children) {
          [pscustomobject]@{
            MinLength = $account.MinPasswordLength.Value; History = $account.PasswordHistoryLength.Value
            MaxAgeSeconds = $account.MaxPasswordAge.Value; LockoutAfter = $account.MaxBadPasswordsAllowed.Value
          }
          break
        }
      }
      # Complexity stands only in the security policy, which needs admin rights; of the export only these lines are looked at.
      Write-Check 'passwordExport' {
        $file = Join-Path ([IO.Path]::GetTempPath()) ('trayline-' + [guid]::NewGuid().ToString('n') + '.inf')
        try {
          & (Join-Path ([Environment]::SystemDirectory) 'secedit.exe') /export /areas SECURITYPOLICY /cfg $file /quiet | Out-Null
          if (-not (Test-Path -LiteralPath $file)) { throw [UnauthorizedAccessException]::new('secedit') }
          Get-Content -LiteralPath $file | ForEach-Object {
            if ($_ -match '^(MinimumPasswordLength|PasswordHistorySize|MaximumPasswordAge|PasswordComplexity|LockoutBadCount)\s*=\s*(-?\d+)\s*$') {
              [pscustomobject]@{ Name = $Matches[1]; Value = [int]$Matches[2] }
            }
          }
        } finally {
          Remove-Item -LiteralPath $file -Force -ErrorAction SilentlyContinue
        }
      }
      Write-Check 'passwordMdm' {
        $lock = 'HKLM:\SOFTWARE\Microsoft\PolicyManager\current\device\DeviceLock'
        Read-Value 'off' $lock 'DevicePasswordEnabled'
        Read-Value 'minLength' $lock 'MinDevicePasswordLength'
        Read-Value 'history' $lock 'DevicePasswordHistory'
        Read-Value 'maxAgeDays' $lock 'DevicePasswordExpiration'
        Read-Value 'lockoutAfter' $lock 'MaxDevicePasswordFailedAttempts'
      }
    }

    'tpm' {
      Write-Check 'tpm' { Get-Tpm | Select-Object TpmPresent, TpmReady, TpmEnabled, TpmActivated, TpmOwned, ManufacturerIdTxt, ManufacturerVersion }
      Write-Check 'tpmSpec' { Get-CimInstance -Namespace root/cimv2/Security/MicrosoftTpm -ClassName Win32_Tpm | Select-Object SpecVersion }
      # Both need admin rights; the device manager's list of security devices does not.
      Write-Check 'tpmDevice' {
        Get-CimInstance -ClassName Win32_PnPEntity -Filter "PNPClass='SecurityDevices'" |
          Select-Object @{ n = 'Id'; e = { ($_.PNPDeviceID -split '\\')[0..1] -join '\' } }, Present, ConfigManagerErrorCode
      }
    }

    'defender' {
      Write-Check 'defender' {
        Get-MpComputerStatus | Select-Object AMRunningMode, AMServiceEnabled, AntivirusEnabled, RealTimeProtectionEnabled, BehaviorMonitorEnabled,
          IsTamperProtected, AntivirusSignatureAge, AntivirusSignatureVersion, AMProductVersion, AMEngineVersion, QuickScanAge, FullScanAge, ComputerState,
          @{ n = 'SigUtc'; e = { if ($_.AntivirusSignatureLastUpdated) { $_.AntivirusSignatureLastUpdated.ToUniversalTime().ToString('o') } } }
      }
    }

    'crashes' {
      Write-Check 'crashes' {
        $since = (Get-Date).AddDays(-30)
        $ask = {
          param($log, $provider, $id)
          try {
            @(Get-WinEvent -FilterHashtable @{ LogName = $log; ProviderName = $provider; Id = $id; StartTime = $since } -MaxEvents 500)
          } catch {
            # No match is thrown too, and is no error.
            if ($_.FullyQualifiedErrorId -notlike 'NoMatchingEventsFound*') { throw }
          }
        }
        foreach ($kind in @(
            @('bugcheck', 'System', 'Microsoft-Windows-WER-SystemErrorReporting', 1001), @('power', 'System', 'Microsoft-Windows-Kernel-Power', 41),
            @('unexpected', 'System', 'EventLog', 6008), @('crash', 'Application', 'Application Error', 1000), @('hang', 'Application', 'Application Hang', 1002))) {
          $row = [ordered]@{ Kind = $kind[0]; Count = $null; Programs = $null }
          try {
            $events = @(& $ask $kind[1] $kind[2] $kind[3])
            $row.Count = $events.Count
            if ($kind[1] -eq 'Application') {
              $row.Programs = @($events | ForEach-Object { [IO.Path]::GetFileName([string]$_.Properties[0].Value) } | Group-Object |
                  Sort-Object Count -Descending | Select-Object -First 10 Name, Count)
            }
          } catch { }
          [pscustomobject]$row
        }
      }
    }

    'domain' {
      Write-Check 'domain' {
        Get-CimInstance -ClassName Win32_ComputerSystem | Select-Object PartOfDomain, Domain
      }
    }

    'mdm' {
      Write-Check 'mdm' {
        $path = 'Registry::HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Enrollments'
        if (Test-Path -LiteralPath $path) {
          $root = Get-Item -LiteralPath $path
          foreach ($name in $root.GetSubKeyNames()) {
            $key = $root.OpenSubKey($name)
            if (-not $key -or -not $key.GetValue('ProviderID', '')) { continue }
            # Beside these values stands the address of the person who enrolled: only these are read, and of the URL the host.
            $server = $null
            try { $server = ([uri][string]$key.GetValue('DiscoveryServiceFullURL', '')).Host } catch { }
            [pscustomobject]@{ Provider = [string]$key.GetValue('ProviderID'); State = $key.GetValue('EnrollmentState'); Server = $server }
          }
        }
      }
      Write-Check 'mdmSync' {
        $path = 'Registry::HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Provisioning\OMADM\Accounts'
        if (Test-Path -LiteralPath $path) {
          $root = Get-Item -LiteralPath $path
          foreach ($name in $root.GetSubKeyNames()) {
            $key = $root.OpenSubKey("$name\Protected\ConnInfo")
            if (-not $key) { continue }
            [pscustomobject]@{ Success = [string]$key.GetValue('ServerLastSuccessTime', ''); Result = $key.GetValue('LastSessionResult') }
          }
        }
      }
    }

    'citrix' {
      Write-Check 'citrix' {
        $client = 'Citrix\PluginPackages\XenAppSuite\ICA_Client'
        foreach ($half in @('SOFTWARE\WOW6432Node', 'SOFTWARE')) {
          $path = "Registry::HKEY_LOCAL_MACHINE\$half\$client"
          if (Test-Path -LiteralPath $path) {
            [pscustomobject]@{ Source = 'client'; Scope = 'machine'; Name = ''; Version = [string](Get-Item -LiteralPath $path).GetValue('Version', '') }
          }
        }
        foreach ($hive in @(Get-PersonHive)) {
          foreach ($half in @('Software', 'Software\WOW6432Node')) {
            $key = $hive.OpenSubKey("$half\$client")
            if ($key) { [pscustomobject]@{ Source = 'client'; Scope = 'user'; Name = ''; Version = [string]$key.GetValue('Version', '') } }
          }
        }
        foreach ($program in @(Get-Program 'Citrix *')) {
          if ($program.Name -match '^Citrix (Workspace|Receiver)\b') {
            [pscustomobject]@{ Source = 'list'; Scope = $program.Scope; Name = $program.Name; Version = $program.Version }
          }
        }
      }
    }

    'browsers' {
      Write-Check 'browsers' {
        $paths = 'Microsoft\Windows\CurrentVersion\App Paths'
        $roots = @()
        $machine = "Registry::HKEY_LOCAL_MACHINE\SOFTWARE\$paths"
        if (Test-Path -LiteralPath $machine) { $roots += Get-Item -LiteralPath $machine }
        foreach ($hive in @(Get-PersonHive)) {
          $key = $hive.OpenSubKey("Software\$paths")
          if ($key) { $roots += $key }
        }
        foreach ($root in $roots) {
          foreach ($exe in @('chrome.exe', 'msedge.exe', 'firefox.exe', 'brave.exe', 'chromium.exe', 'opera.exe', 'vivaldi.exe', 'IEXPLORE.EXE', 'CitrixEnterpriseBrowser.exe')) {
            $key = $root.OpenSubKey($exe)
            if (-not $key) { continue }
            $file = ([string]$key.GetValue('', '')).Trim('"')
            # An entry whose program is gone is left behind by some removals.
            if (-not $file -or -not (Test-Path -LiteralPath $file)) { continue }
            [pscustomobject]@{ Exe = $exe; Version = [string](Get-Item -LiteralPath $file).VersionInfo.ProductVersion }
          }
        }
        foreach ($hive in @(Get-PersonHive)) {
          $key = $hive.OpenSubKey('Software\Microsoft\Windows\Shell\Associations\UrlAssociations\https\UserChoice')
          if ($key) { [pscustomobject]@{ Default = [string]$key.GetValue('ProgId', '') } }
        }
      }
    }

    'vpn' {
      Write-Check 'vpn' {
        [Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces() | ForEach-Object {
          [pscustomobject]@{
            Name = $_.Name; Description = $_.Description; Type = [int]$_.NetworkInterfaceType
            Up = ($_.OperationalStatus -eq [Net.NetworkInformation.OperationalStatus]::Up)
          }
        }
      }
    }

    'certificates' {
      Write-Check 'certificates' {
        # Certificates are public; of their keys only whether they are there.
        Get-ChildItem -LiteralPath 'Cert:\LocalMachine\My' | Where-Object { $_.RawData } | ForEach-Object {
          [pscustomobject]@{ Raw = [Convert]::ToBase64String($_.RawData); Key = [bool]$_.HasPrivateKey }
        }
      }
    }

    'apps' {
      Write-Check 'apps' { Get-Program '*' }
    }

    'processPaths' {
      # Only asked for where an administrator asks for a program in a certain place; compared on the device, never sent.
      Write-Check 'processPaths' {
        Get-CimInstance -Query 'SELECT Name,ExecutablePath FROM Win32_Process WHERE ProcessId > 0' | Select-Object Name, ExecutablePath
      }
    }

    'updateAgent' {
      Write-Check 'updateAgent' {
        $updates = New-Object -ComObject Microsoft.Update.AutoUpdate
        [pscustomobject]@{
          Searched = ConvertTo-Moment $updates.Results.LastSearchSuccessDate
          Service = [bool]$updates.ServiceEnabled; Level = [int]$updates.Settings.NotificationLevel
        }
      }
    }

    'updateHistory' {
      Write-Check 'updateHistory' {
        $searcher = (New-Object -ComObject Microsoft.Update.Session).CreateUpdateSearcher()
        $count = $searcher.GetTotalHistoryCount()
        if ($count -gt 0) {
          $searcher.QueryHistory(0, [Math]::Min($count, 200)) | Where-Object { $_.Operation -eq 1 } | ForEach-Object {
            [pscustomobject]@{ Date = ConvertTo-Moment $_.Date; Result = [int]$_.ResultCode; Title = [string]$_.Title }
          }
        }
      }
    }

    'updates' {
      # Asks the update service the machine is set to, over the network; minutes on some machines, so this runs in a process of its own.
      Write-Check 'updates' {
        $searcher = (New-Object -ComObject Microsoft.Update.Session).CreateUpdateSearcher()
        $found = $searcher.Search("IsInstalled=0 and IsHidden=0 and Type='Software'")
        [pscustomobject]@{ Result = [int]$found.ResultCode; Count = [int]$found.Updates.Count }
        foreach ($update in $found.Updates) {
          [pscustomobject]@{
            Title = [string]$update.Title; Severity = [string]$update.MsrcSeverity
            Reboot = [int]$update.InstallationBehavior.RebootBehavior
            Categories = @($update.Categories | ForEach-Object { [string]$_.CategoryID })
          }
        }
      }
    }

    'disks' {
      Write-Check 'disks' {
        Get-PhysicalDisk | Select-Object DeviceId, FriendlyName, Size,
          @{ n = 'MediaType'; e = { $_.CimInstanceProperties['MediaType'].Value } },
          @{ n = 'BusType'; e = { $_.CimInstanceProperties['BusType'].Value } },
          @{ n = 'HealthStatus'; e = { $_.CimInstanceProperties['HealthStatus'].Value } },
          @{ n = 'OperationalStatus'; e = { @($_.CimInstanceProperties['OperationalStatus'].Value) } }
      }
      # Counters need admin rights; the verdict above does not.
      Write-Check 'diskCounters' {
        Get-PhysicalDisk | Get-StorageReliabilityCounter |
          Select-Object DeviceId, Wear, Temperature, ReadErrorsUncorrected, WriteErrorsUncorrected, PowerOnHours
      }
    }
  }
}
