import type { Words } from '../fields.ts';

/*
 * The words of Workspace ONE in all their spellings, by UEM and by Intelligence; case, blanks and hyphens do not matter.
 */

/**
 * Platforms in all their spellings. As numbers only those that are documented: the order in which the specification lists
 * its words is not their number (12 is WinRT, which is the fourteenth).
 */
export const PLATFORMS: Words<string> = {
  Apple: 'ios',
  iOS: 'ios',
  2: 'ios',
  AppleOsX: 'macos',
  macOS: 'macos',
  'Mac OS X': 'macos',
  10: 'macos',
  Android: 'android',
  5: 'android',
  WinRT: 'windows',
  WindowsPc: 'windows',
  'Windows Desktop': 'windows',
  Windows: 'windows',
  12: 'windows',
  Linux: 'linux',
  Unknown: null,
};

export const OWNERSHIP: Words<string> = {
  C: 'company',
  Corporate: 'company',
  CorporateDedicated: 'company',
  'Corporate - Dedicated': 'company',
  'Corporate-Dedicated': 'company',
  S: 'shared',
  Shared: 'shared',
  CorporateShared: 'shared',
  'Corporate - Shared': 'shared',
  E: 'personal',
  Employee: 'personal',
  EmployeeOwned: 'personal',
  Undefined: null,
  Unknown: null,
};

export const COMPLIANCE_STATES: Words<string> = {
  true: 'compliant',
  false: 'noncompliant',
  Compliant: 'compliant',
  NonCompliant: 'noncompliant',
  NotCompliant: 'noncompliant',
  Quarantined: 'noncompliant',
  Blocked: 'noncompliant',
  Allowed: null,
  NotAvailable: null,
  NotApplicable: null,
  PendingComplianceCheck: null,
  PendingComplianceCheckForAPolicy: null,
  RegistrationActive: null,
  RegistrationExpired: null,
  Unknown: null,
};

/** The same words as a yes or no. */
export const COMPLIANT: Words<boolean> = Object.fromEntries(
  Object.entries(COMPLIANCE_STATES).map(([word, state]) => [
    word,
    state === null ? null : state === 'compliant',
  ]),
);

/** A device that is to be wiped still obeys; whether one that is being wiped does cannot be told. */
export const MANAGED: Words<boolean> = {
  Enrolled: true,
  UserEnrolled: true,
  EnterpriseWipePending: true,
  DeviceWipePending: true,
  Unenrolled: false,
  UnenrolledByFeedbackService: false,
  Retired: false,
  Discovered: false,
  Registered: false,
  Blacklisted: false,
  AppCatalogOnly: false,
  DeviceNotFound: false,
  EnrollmentInProgress: null,
  PendingAgent: null,
  WipeInitiated: null,
  RelinquishOwnershipPending: null,
  Unknown: null,
};

export const MANAGEMENT_STATES: Words<string> = {
  Enrolled: 'managed',
  UserEnrolled: 'managed',
  EnterpriseWipePending: 'leaving',
  DeviceWipePending: 'leaving',
  WipeInitiated: 'leaving',
  RelinquishOwnershipPending: 'leaving',
  Unenrolled: 'not-managed',
  UnenrolledByFeedbackService: 'not-managed',
  Retired: 'not-managed',
  Blacklisted: 'not-managed',
  AppCatalogOnly: 'not-managed',
  DeviceNotFound: 'not-managed',
  Discovered: 'discovered',
  Registered: 'discovered',
  EnrollmentInProgress: null,
  PendingAgent: null,
  Unknown: null,
};
