import './frugal.ts';
import { toProblem } from '../../shared/problem/problem.ts';
import { HELP, parseCommandLine } from './command-line.ts';
import { VERSION } from './version.ts';

/** The agent's process. What a command needs is loaded when it is asked for: idle memory is part of the promise. */
async function main(): Promise<number> {
  const command = parseCommandLine(process.argv.slice(2), process.env);
  switch (command.command) {
    case 'help':
      process.stdout.write(HELP);
      return 0;
    case 'version':
      process.stdout.write(`${VERSION}\n`);
      return 0;
    case 'scan':
      return await (await import('./scan-command.ts')).scanCommand(command);
    case 'diagnostics':
      return await (await import('./diagnostics-command.ts')).diagnosticsCommand(command);
    case 'status':
      return (await import('./status-command.ts')).statusCommand(command);
    case 'run':
      return await (await import('./run-command.ts')).runCommand(command);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const problem = toProblem(error);
  process.stderr.write(`trayline-agent: ${problem.detail} (${problem.code})\n`);
  process.exitCode = 1;
}
