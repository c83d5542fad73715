/** Formats of the `datasets` library (5.2) by file extension, as far as they decide which files a dataset consists of. */
const IMAGES =
  'blp bmp dib bufr cur pcx dcx dds ps eps fit fits fli flc ftc ftu gbr gif grib png apng jp2 j2k jpc jpf jpx j2c icns ' +
  'ico im iim tif tiff jfif jpe jpg jpeg msp pcd pxr pbm pgm ppm pnm psd bw rgb rgba sgi ras tga icb vda vst webp wmf ' +
  'emf xbm xpm';
const TABLES: Readonly<Record<string, string>> = {
  parquet: 'parquet geoparquet gpq',
  csv: 'csv tsv',
  json: 'json jsonl ndjson',
  arrow: 'arrow',
  text: 'txt',
  conll: 'conll conllu',
  webdataset: 'tar',
  xml: 'xml',
  hdf5: 'hdf5 h5',
  eval: 'eval',
  harbor: 'toml md',
  lance: 'lance',
  tsfile: 'tsfile',
  vortex: 'vortex',
  fasta: 'fa fasta fna ffn faa frn afa',
  genbank: 'gb gbk genbank',
  fastq: 'fq fastq',
  mmcif: 'cif mmcif',
  zip: 'zip',
};
/** Their extensions also count in capitals. */
const FOLDERS: Readonly<Record<string, string>> = {
  image_folder: IMAGES,
  audio_folder:
    'mpg aiff au avr caf flac htk svx mat4 mat5 mpc2k ogg paf pvf raw rf64 sd2 sds ircam voc w64 wav nist wavex wve xi ' +
    'mp3 opus 3gp 3g2 asf flv m4v webm f4v wmv wma ogm mxf nut',
  video_folder: 'mpeg avi mp4 mov mkv',
  mesh_folder: 'glb gltf ply stl',
  pdf_folder: 'pdf',
  nifti_folder: 'nii',
  pdb: 'pdb ent',
};

const FORMAT_OF = new Map<string, string>();
for (const [format, extensions] of Object.entries(TABLES)) {
  for (const extension of extensions.split(' ')) FORMAT_OF.set(extension, format);
}
for (const [format, extensions] of Object.entries(FOLDERS)) {
  for (const extension of extensions.split(' ')) {
    FORMAT_OF.set(extension, format);
    FORMAT_OF.set(extension.toUpperCase(), format);
  }
}
const LANCE_INTERNALS = new Set(['idx', 'manifest', 'txn']);
const DRAWS = ['csv', 'json', 'jsonl', 'arrow', 'vortex', 'lance', 'parquet'];
const METADATA_NAMES = new Set(['metadata.csv', 'metadata.jsonl', 'metadata.parquet']);

/** Every `.suffix` of a name: any of them may tell what the file is. */
function suffixes(path: string): string[] {
  return baseName(path).split('.').slice(1);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A file that the library takes for data at all. */
export function isDataFile(path: string): boolean {
  return suffixes(path).some((suffix) => FORMAT_OF.has(suffix) || LANCE_INTERNALS.has(suffix));
}

export function isParquetFile(path: string): boolean {
  const extension = suffixes(path).at(-1) ?? '';
  return FORMAT_OF.get(extension) === 'parquet';
}

export function isImageFile(path: string): boolean {
  return FORMAT_OF.get((suffixes(path).at(-1) ?? '').toLowerCase()) === 'image_folder';
}

/** The table that says what the images of a folder are called and belong to. */
export function isFolderMetadata(path: string): boolean {
  return METADATA_NAMES.has(baseName(path));
}

/**
 * The format that most files have; in a draw parquet, then other tables, then the last in the alphabet. Metadata files
 * of a folder do not count beside others. `undefined` when no file has a known one.
 */
export function mainFormat(paths: Iterable<string>): string | undefined {
  const counts = new Map<string, { suffix: string; ofData: boolean; count: number }>();
  for (const path of paths) {
    const ofData = !isFolderMetadata(path);
    for (const suffix of suffixes(path).map((each) => each.toLowerCase())) {
      const key = `${ofData} ${suffix}`;
      const entry = counts.get(key) ?? { suffix, ofData, count: 0 };
      entry.count++;
      counts.set(key, entry);
    }
  }
  const ranked = [...counts.values()].sort(
    (a, b) =>
      Number(b.ofData) - Number(a.ofData) ||
      b.count - a.count ||
      DRAWS.indexOf(b.suffix) - DRAWS.indexOf(a.suffix) ||
      (a.suffix < b.suffix ? 1 : -1),
  );
  return ranked.map(({ suffix }) => FORMAT_OF.get(suffix)).find((format) => format !== undefined);
}
