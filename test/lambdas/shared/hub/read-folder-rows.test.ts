import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../../../lambdas/shared/errors.ts';
import { findImageColumn } from '../../../../lambdas/shared/hub/find-image-column.ts';
import { imageFolderOf } from '../../../../lambdas/shared/hub/image-folder.ts';
import { type FolderRow, readFolderFeatures, readFolderRows } from '../../../../lambdas/shared/hub/read-folder-rows.ts';

/** Rows of a folder with these files; chunks of `step` bytes, so that lines and characters are cut anywhere. */
async function rowsOf(
  contents: Record<string, string>,
  { parquet = [], step = 7, column }: { parquet?: Record<string, unknown>[]; step?: number; column?: string } = {},
): Promise<FolderRow[]> {
  const files = Object.entries(contents).map(([path, text]) => ({ path, sizeBytes: Buffer.byteLength(text) }));
  const place = { repo: 'ns/name', revision: 'a'.repeat(40), config: 'default', split: 'train' };
  const folder = imageFolderOf(place, new Map([['train', files]]));
  const deps = {
    openFile: ({ path }: { path: string }) => {
      const bytes = Buffer.from(contents[path] ?? '');
      return {
        path,
        readTail: () => Promise.reject(new Error('not asked for')),
        async *stream(start: number, end: number) {
          for (let at = start; at < end; at += step) yield bytes.subarray(at, Math.min(end, at + step));
        },
      };
    },
    async *readParquetRows() {
      yield* parquet;
    },
  };
  const features = await readFolderFeatures(folder, deps);
  const found = findImageColumn({ features, schema: features, requested: column });
  const rows: FolderRow[] = [];
  for await (const row of readFolderRows(folder, found.column, deps)) rows.push(row);
  return rows;
}

describe('readFolderRows', () => {
  it('follows metadata.jsonl: its order, its columns, and no image that it does not list', async () => {
    const rows = await rowsOf({
      'train/a.jpg': '12345',
      'train/b ü.jpg': '1',
      'train/unlisted.jpg': '1',
      'train/metadata.jsonl':
        '{"file_name": "b ü.jpg", "id": 12345678901234567890, "objects": {"bbox": [[1, 2.5, 3, 4]]}}\r\n\n' +
        '{"file_name": "./sub/../a.jpg", "caption": "é", "__proto__": "x"}',
    });
    expect(rows).toEqual([
      {
        path: 'train/b ü.jpg',
        sizeBytes: 1,
        metadata: { id: 12345678901234567890n, objects: { bbox: [[1, 2.5, 3, 4]] } },
      },
      { path: 'train/a.jpg', sizeBytes: 5, metadata: expect.objectContaining({ caption: 'é' }) },
    ]);
    expect(Object.keys(rows[1]?.metadata ?? {})).toEqual(['caption', '__proto__']);
  });

  it('reads metadata.csv with a type per column', async () => {
    const rows = await rowsOf({
      'a.jpg': '1',
      'metadata.csv':
        '\ufefffile_name,width,score,code,ok,caption\r\na.jpg,640,1.5,007,True,"one, ""two""\nthree"\r\nb.jpg,,2,12,false,\r\n',
    });
    expect(rows).toEqual([
      {
        path: 'a.jpg',
        sizeBytes: 1,
        metadata: { width: 640, score: 1.5, code: '007', ok: true, caption: 'one, "two"\nthree' },
      },
      {
        path: 'b.jpg',
        sizeBytes: undefined,
        metadata: { width: null, score: 2, code: '12', ok: false, caption: null },
      },
    ]);
  });

  it('reads metadata.parquet, and keeps further images of a row as references', async () => {
    const parquet = [
      { image_file_name: 'a.jpg', depth_file_name: 'd/a.png', label: 1n },
      { image_file_name: null, depth_file_name: null, label: 2n },
    ];
    expect(await rowsOf({ 'x/a.jpg': '1', 'x/metadata.parquet': '' }, { parquet })).toEqual([
      { path: 'x/a.jpg', sizeBytes: 1, metadata: { depth: { bytes: null, path: 'x/d/a.png' }, label: 1n } },
      { path: null, sizeBytes: undefined, metadata: { depth: null, label: 2n } },
    ]);
  });

  it('numbers the labels of directories', async () => {
    expect(await rowsOf({ 'dog/1.jpg': '1', 'cat/2.jpg': '22' })).toEqual([
      { path: 'dog/1.jpg', sizeBytes: 1, metadata: { label: 1 } },
      { path: 'cat/2.jpg', sizeBytes: 2, metadata: { label: 0 } },
    ]);
  });

  it.each(['../../etc/passwd', '/etc/passwd', 'file:///etc/passwd'])(
    'leaves %s to be refused with its row',
    async (name) => {
      const rows = await rowsOf({ 'x/metadata.jsonl': JSON.stringify({ file_name: name }) });
      expect(rows).toEqual([{ path: name, sizeBytes: undefined, metadata: {} }]);
    },
  );

  it.each<[string, string, RegExp]>([
    ['metadata.jsonl', '{"file_name": "a.jpg"}\n{"file_name": ', /metadata.jsonl, line 2, is not JSON/],
    ['metadata.jsonl', '[1]', /line 1, is not a JSON object/],
    ['metadata.jsonl', '{"image": "a.jpg", "x": 1}', /no column file_name .*it has image, x/],
    ['metadata.csv', 'file_name,a\n"a.jpg,1\n', /not a well-formed CSV/],
  ])('refuses a broken %s: %j', async (name, text, message) => {
    const rows = rowsOf({ [name]: text });
    await expect(rows).rejects.toThrow(BadInputError);
    await expect(rows).rejects.toThrow(message);
  });
});
