import { citrixEndpointManagement } from './citrix/connector.ts';
import type { Connector } from './connector.ts';
import { crowdstrike } from './crowdstrike/connector.ts';
import { jamf } from './jamf/connector.ts';
import { jiraServiceManagement } from './jira-service-management/connector.ts';
import { entra, intune } from './microsoft/connector.ts';
import { serviceNow } from './servicenow/connector.ts';
import { workspaceOne } from './workspace-one/connector.ts';
import { workspaceOneIntelligence } from './workspace-one-intelligence/connector.ts';

/** Every connector there is, in the order the Integrations page shows them. Adding one is adding a line here. */
export const CONNECTORS: readonly Connector[] = [
  intune,
  entra,
  jamf,
  crowdstrike,
  citrixEndpointManagement,
  workspaceOne,
  workspaceOneIntelligence,
  serviceNow,
  jiraServiceManagement,
];

export function findConnector(id: string): Connector | undefined {
  return CONNECTORS.find(connector => connector.id === id);
}
