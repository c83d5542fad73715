import { BadInputError } from '../errors.ts';
import { isConfigName, isRepoNamePart, isRevision, isSplitName } from './hub-names.ts';

/** What the URL of a dataset says. Nothing of it is known to exist. */
export interface DatasetRef {
  /** `namespace/name`, or `name` for a canonical dataset; the Hub's answer has the full id. */
  readonly repo: string;
  /** Branch, tag, commit, `refs/pr/N` or `refs/convert/x`, decoded. */
  readonly revision?: string;
  readonly config?: string;
  readonly split?: string;
}

const EXAMPLE = 'https://huggingface.co/datasets/namespace/name';
const HOSTS = new Set(['huggingface.co', 'hf.co']);
const REVISION_PAGES = new Set(['tree', 'blob', 'resolve', 'raw', 'blame', 'commits', 'commit']);
const OTHER_REPOS: Readonly<Record<string, string>> = {
  spaces: 'a space',
  collections: 'a collection',
  models: 'a model',
};

/**
 * Reads every form in which the Hub writes the address of a dataset: pages of `huggingface.co` and `hf.co` (scheme
 * optional; `tree`, `blob`, `resolve`, `raw` and the like with a revision; `viewer/{config}/{split}`), and
 * `hf://datasets/namespace/name@revision`. Query, fragment and trailing slashes do not matter.
 * @throws {BadInputError} naming the value, the reason, and an example of a right one.
 */
export function parseDatasetUrl(text: string): DatasetRef {
  const value = text.trim();
  const refuse = (reason: string): never => {
    throw new BadInputError(`${JSON.stringify(shown(value))} ${reason}; expected a dataset such as ${EXAMPLE}`);
  };
  if (value === '') return refuse('is empty');
  const hf = /^hf:\/\/(.*)$/is.exec(value);
  const segments = hf ? decode(stripQuery(hf[1] ?? ''), refuse) : decode(pagePath(value, refuse), refuse);
  const [area, ...rest] = segments;
  if (area !== 'datasets') return refuse(notADataset(segments, hf !== null));
  return hf ? parseHfPath(rest, refuse) : parsePage(rest, refuse);
}

type Refuse = (reason: string) => never;

function pagePath(value: string, refuse: Refuse): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme && scheme !== 'https' && scheme !== 'http') return refuse(`has the scheme ${scheme}://`);
  const url = URL.parse(scheme ? value : `https://${value.replace(/^\/\//, '')}`);
  if (!url) return refuse('is not a URL');
  if (url.username || url.password) return refuse('carries a user name or password');
  if (!scheme && !url.hostname.includes('.')) return refuse('is a name, and not a URL');
  if (!HOSTS.has(url.hostname) || url.port) return refuse('is not on huggingface.co');
  return url.pathname;
}

function parsePage(segments: readonly string[], refuse: Refuse): DatasetRef {
  const [first, second, ...others] = segments;
  if (first === undefined) return refuse('is the list of all datasets');
  // Canonical datasets have no namespace. `viewer` and `tree/{revision}` after the first name are pages of such a one.
  const canonical = second === undefined || second === 'viewer' || (REVISION_PAGES.has(second) && others.length > 0);
  const repo = repoId(canonical ? [first] : [first, second], refuse);
  const [page, ...rest] = canonical ? segments.slice(1) : others;
  if (page === undefined) return { repo };
  if (page === 'viewer') return { repo, ...parseViewer(rest, refuse) };
  if (!REVISION_PAGES.has(page)) return refuse(`is a page (${JSON.stringify(page)}) that names no revision or split`);
  return rest.length === 0 ? { repo } : { repo, revision: revisionOf(rest, refuse) };
}

function parseViewer([config, split]: readonly string[], refuse: Refuse): Pick<DatasetRef, 'config' | 'split'> {
  if (config === undefined) return {};
  if (!isConfigName(config)) return refuse(`names the config ${JSON.stringify(config)}, which no config can be called`);
  if (split === undefined) return { config };
  if (!isSplitName(split)) return refuse(`names the split ${JSON.stringify(split)}, which no split can be called`);
  return { config, split };
}

function parseHfPath(segments: readonly string[], refuse: Refuse): DatasetRef {
  const at = segments.slice(0, 2).findIndex((segment) => segment.includes('@'));
  if (at === -1) return { repo: repoId(segments.slice(0, 2), refuse) };
  const marked = segments[at] ?? '';
  const cut = marked.indexOf('@');
  const repo = repoId([...segments.slice(0, at), marked.slice(0, cut)], refuse);
  return { repo, revision: revisionOf([marked.slice(cut + 1), ...segments.slice(at + 1)], refuse) };
}

function repoId(parts: readonly string[], refuse: Refuse): string {
  const wrong = parts.length === 0 ? '' : parts.find((part) => !isRepoNamePart(part));
  if (wrong !== undefined) return refuse(`names the repo ${JSON.stringify(wrong)}, which no repo can be called`);
  return parts.join('/');
}

/** One segment, except `refs/pr/N` and `refs/convert/x`; what follows is a path in the repository. */
function revisionOf(segments: readonly string[], refuse: Refuse): string {
  const [first = '', kind, name] = segments;
  const isRef = first === 'refs' && name !== undefined && (kind === 'convert' || (kind === 'pr' && /^\d+$/.test(name)));
  const revision = isRef ? `refs/${kind}/${name}` : first;
  if (!isRevision(revision)) return refuse(`names the revision ${JSON.stringify(revision)}, which git does not allow`);
  return revision;
}

function notADataset(segments: readonly string[], isHf: boolean): string {
  const [area, name] = segments;
  if (area === undefined) return 'names no dataset';
  const other = OTHER_REPOS[area];
  if (other) return `is ${other}, not a dataset`;
  if (area === 'api' || area === 'docs' || area === 'papers' || area === 'buckets')
    return 'is not the page of a dataset';
  return name === undefined && !isHf ? 'is the page of a user or organisation' : 'is a model, not a dataset';
}

function decode(path: string, refuse: Refuse): string[] {
  const segments = path.split('/').filter((segment) => segment !== '');
  try {
    return segments.map(decodeURIComponent);
  } catch {
    return refuse('has a broken percent escape');
  }
}

function stripQuery(path: string): string {
  return path.replace(/[?#].*$/s, '');
}

/** The value without what may be secret (user, password, query), and not longer than a line. */
function shown(value: string): string {
  const plain = stripQuery(value).replace(/\/\/[^/]*@(?=[^/]*\.[^/]*(?:\/|$))/, '//…@');
  return plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
}
