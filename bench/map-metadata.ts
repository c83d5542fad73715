import { mapMetadata } from '../lambdas/shared/metadata/map-metadata.ts';

/*
 * node bench/map-metadata.ts
 *
 * Rows a CPU second of the metadata mapper, garbage collection included: typical rows, and rows that grow, whose cost per field must stay.
 */

const SCENE = '0b0e7d5e-55b9-4f0e-8a1c-3a5f0e2d9c11';
const PNG = { bytes: Buffer.alloc(4_096), path: 'mask.png' };
const MIN_MS = 1_000;

function typicalRow(objects: number): Record<string, unknown> {
  return {
    caption: 'A scandinavian living room with a grey sofa and a wooden table',
    room_type: 'Living Room',
    style: 'Scandinavian',
    materials: ['wood', 'fabric'],
    colors: ['#aabbcc', '#112233'],
    depth: PNG,
    masks: Array.from({ length: objects }, () => PNG),
    objects: Array.from({ length: objects }, (_, index) => ({
      label: index % 2 === 0 ? 'sofa' : 'coffee table',
      bbox_xywh: [index, 10, 20, 30],
      area: 600n,
      material: 'wood',
    })),
    source_id: 'x/1',
    image_id: 7n,
  };
}

function rowOfColumns(columns: number): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: columns }, (_, index) => [`column_${index}`, `value ${index}`]));
}

function rowOfRuns(runs: number): Record<string, unknown> {
  const counts = Array.from({ length: runs }, () => 2);
  return { objects: [{ label: 'sofa', rle: { size: [2, runs], counts } }] };
}

/** By the CPU's time, so that other work on the machine does not count. */
function rowsPerSecond(row: Record<string, unknown>): number {
  const cpuMs = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1_000;
  const run = (ms: number): number => {
    const start = cpuMs();
    let rows = 0;
    while (cpuMs() - start < ms) {
      for (let turn = 0; turn < 10; turn += 1) mapMetadata(row, SCENE, rows);
      rows += 10;
    }
    return (rows * 1_000) / (cpuMs() - start);
  };
  run(MIN_MS / 4); // warm
  return run(MIN_MS);
}

function report(name: string, fields: number, row: Record<string, unknown>): void {
  const speed = rowsPerSecond(row);
  const perField = 1e9 / speed / fields;
  const line = [name.padEnd(28), `${Math.round(speed).toLocaleString('en')} rows/s`.padStart(18)];
  console.log([...line, `${Math.round(perField).toLocaleString('en')} ns/field`.padStart(18)].join(''));
}

for (const objects of [0, 5, 10, 40, 160, 640])
  report(`${objects} objects and masks`, 9 + 5 * objects, typicalRow(objects));
for (const columns of [10, 100, 1_000, 10_000]) report(`${columns} other columns`, columns, rowOfColumns(columns));
for (const runs of [100, 1_000, 10_000]) report(`a mask of ${runs} runs`, runs, rowOfRuns(runs));
