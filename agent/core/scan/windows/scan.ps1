# Trayline: what one round of checks asks Windows. Windows PowerShell 5.1, read-only, no network, no module install.
# Called with  -Checks name,name,...  ; prints one line of JSON per check as soon as it is known, so that a check which hangs
# does not take the answers before it along:
#   {"id": "...", "ok": true, "ms": 12, "data": [ ... ]}
#   {"id": "...", "ok": false, "ms": 12, "category": "PermissionDenied", "hresult": -2147024891, "error": "<error id>"}
# Recovery keys, user names other than the signed-in one, window titles, command lines and paths are never read.
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

$wanted = $Checks.Split(',')

# Cheap ones first: what hangs, hangs at the end.
foreach ($check in @('volumes', 'identity', 'processes', 'adapters', 'reboot', 'firewall', 'battery', 'encryption', 'disks')) {
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
