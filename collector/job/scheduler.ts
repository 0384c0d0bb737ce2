import { type Problem, toProblem } from '../../shared/problem/problem.ts';

/** One background job. */
export interface Job {
  readonly name: string;
  readonly everyMs: number;
  /** The first run comes after this; left out: after a random share of the period, so that jobs do not start together. */
  readonly firstMs?: number;
  run(): Promise<void>;
}

export interface SchedulerOptions {
  readonly random: () => number;
  readonly onDone: (job: string, ms: number) => void;
  readonly onFailed: (job: string, problem: Problem) => void;
}

/** Share of the period by which each run is moved either way. */
const JITTER = 0.1;

/**
 * Runs jobs for ever: never two runs of one job at once, a failure (of the first run too) is reported and the next run comes
 * as planned. `stop` waits for what is running.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Names are unique; more jobs may be started later. */
  start(jobs: readonly Job[]): void {
    for (const job of jobs) {
      if (this.#jobs.has(job.name)) throw new Error(`a job of this name runs already: ${job.name}`);
      this.#jobs.set(job.name, job);
      this.#plan(job, job.firstMs ?? job.everyMs * this.#options.random());
    }
  }

  /** Lets the job's next run come now; false when one is under way, or there is no such job. */
  hurry(name: string): boolean {
    const job = this.#jobs.get(name);
    if (job === undefined || this.#stopped || this.#running.has(name)) return false;
    clearTimeout(this.#timers.get(name));
    this.#plan(job, 0);
    return true;
  }

  /** No further run; resolves when the one under way has ended. */
  async cancel(name: string): Promise<void> {
    this.#jobs.delete(name);
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    await this.#running.get(name);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#running.values());
  }

  #plan(job: Job, delayMs: number): void {
    // A job that was cancelled, or made anew under its name, is not planned again.
    if (this.#stopped || this.#jobs.get(job.name) !== job) return;
    const timer = setTimeout(() => {
      const run = this.#run(job).then(() => {
        if (this.#running.get(job.name) === run) this.#running.delete(job.name);
        this.#plan(job, job.everyMs * (1 - JITTER + 2 * JITTER * this.#options.random()));
      });
      this.#running.set(job.name, run);
    }, delayMs);
    timer.unref();
    this.#timers.set(job.name, timer);
  }

  async #run(job: Job): Promise<void> {
    const started = performance.now();
    try {
      await job.run();
      this.#options.onDone(job.name, performance.now() - started);
    } catch (error) {
      this.#options.onFailed(job.name, toProblem(error));
    }
  }
}
