/**
 * How long a journal takes to become a state: folded from its first record, and from a snapshot with its tail.
 *
 * As a script it prints one JSON object; `--records N` (default 1,000,000, with `node --max-old-space-size=8000`), `--tiny`. The journal is made first, in
 * memory, by waves of ten-slice TWAPs; every record is an input with what followed from it, and nothing is left out.
 */
import { pathToFileURL } from 'node:url';
import { loadLib } from './lib.mjs';
import { FULL, TINY } from './sizes.mjs';
import { rounded } from './statistics.mjs';
import { createBatches, drive, openRuntime, submitAll } from './workload.mjs';

/** Records of the tail that a crash leaves behind its last snapshot, at most. */
const TAIL = 5_000;

/** A journal of at least `records` records, `groups` groups in flight at a time. */
async function makeJournal(lib, { records, groups }) {
  const journal = lib.createMemoryJournal();
  const open = await openRuntime(lib, { journal });
  for (let wave = 0; journal.committed.length < records; wave++) {
    await submitAll(
      open.runtime,
      createBatches(lib, { batches: groups / 10, legs: 10, seed: `wave ${wave}` }),
    );
    await drive(open);
  }
  await open.runtime.close();
  return journal.committed;
}

/** Processor time, as the machine's other users take wall time away. */
const timed = (act) => {
  const from = performance.now();
  const used = process.cpuUsage();
  const value = act();
  const { user, system } = process.cpuUsage(used);
  return { value, ms: performance.now() - from, cpuMs: (user + system) / 1_000 };
};

export async function runRecovery(lib, sizes) {
  const lines = await makeJournal(lib, sizes);
  const rules = lib.rulesOf(lib.parseConfig(undefined), { postsLedger: false, benchmarks: false });
  const journal = lib.createMemoryJournal(lines);
  const fold = timed(() => lib.recover(journal, rules));
  const n = Math.max(1, lines.length - TAIL);
  const head = lib.recover(lib.createMemoryJournal(lines.slice(0, n)), rules);
  const write = timed(() => lib.writeSnapshot(head.state(), lines[n - 1]));
  const kept = { ...lib.createMemoryJournal(lines), snapshot: () => ({ n, state: write.value }) };
  const resume = timed(() => lib.recover(kept, rules));
  if (resume.value.snapshotAt !== n || resume.value.world.seq !== fold.value.world.seq)
    throw new Error('the snapshot was not taken, or led elsewhere');
  return {
    records: lines.length,
    fold_ms: rounded(fold.ms),
    fold_cpu_ms: rounded(fold.cpuMs),
    cpu_us_per_record: rounded((fold.cpuMs * 1_000) / lines.length, 2),
    snapshot_tail_records: lines.length - n,
    snapshot_recover_ms: rounded(resume.ms),
    snapshot_recover_cpu_ms: rounded(resume.cpuMs),
    snapshot_write_ms: rounded(write.ms),
    snapshot_bytes: write.value.length,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const at = process.argv.indexOf('--records');
  const sizes = process.argv.includes('--tiny') ? TINY.recovery : FULL.recovery;
  const records = at < 0 ? sizes.records : Number(process.argv[at + 1]);
  const lib = await loadLib(new URL('../dist/', import.meta.url));
  process.stdout.write(`${JSON.stringify(await runRecovery(lib, { ...sizes, records }), null, 2)}\n`);
}
