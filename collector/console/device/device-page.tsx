export function DevicePage({ id }: { id: string }) {
  return <p>{id}</p>;
}
