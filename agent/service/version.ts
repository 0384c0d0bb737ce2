/** Version of the agent; kept equal to package.json by test/unit/agent/command-line.test.ts. */
export const VERSION = '0.1.0';
