/** Points of a sparkline: one path per unbroken run, so that a missing day is a hole and not a line. */
export function sparkPaths(values: readonly (number | null)[], width: number, height: number): string[] {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const paths: string[] = [];
  let run: string[] = [];
  const end = () => {
    // A single known day between unknown ones would be an invisible path of no length.
    if (run.length === 1) run.push('h0.01');
    if (run.length > 0) paths.push(run.join(''));
    run = [];
  };
  values.forEach((value, index) => {
    if (value === null) {
      end();
      return;
    }
    const x = (index * step).toFixed(1);
    const y = (height - (Math.max(0, Math.min(100, value)) / 100) * height).toFixed(1);
    run.push(`${run.length === 0 ? 'M' : 'L'}${x} ${y}`);
  });
  end();
  return paths;
}

/** A week of scores on a fixed scale of 0 to 100, so that rows can be compared. */
export function Sparkline({ values, label }: { values: readonly (number | null)[]; label: string }) {
  const paths = sparkPaths(values, 72, 18);
  if (paths.length === 0) return <span className="faded">no data</span>;
  return (
    <svg className="spark" width="74" height="20" viewBox="-1 -1 74 20" role="img" aria-label={label}>
      <path d="M0 18H72" stroke="var(--line)" strokeWidth="1" />
      {paths.map(path => (
        <path
          key={path}
          d={path}
          fill="none"
          stroke="var(--accent)"
          strokeWidth="1.8"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      ))}
    </svg>
  );
}
