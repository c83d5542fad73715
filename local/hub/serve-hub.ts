import { statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type StandIn, serveStandIn, type TlsFiles } from '../stand-in/http-stand-in.ts';
import { answerFromFolders, isViewer } from './answer-from-folders.ts';
import { Commits } from './commits.ts';
import { CONTENT_FOLDER, ContentNetwork } from './content-network.ts';
import { HubError, repoNotFound, sendHubError } from './hub-error.ts';
import { readHubRequest } from './hub-request.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';
import { Repositories } from './repositories.ts';
import { Upstream } from './upstream.ts';

export interface HubOptions {
  /** Folders that hold repositories as `<namespace>/<name>/…`; the first that has one wins. */
  readonly datasetsDirs: readonly string[];
  /** Further repositories: id to folder. They go before `datasetsDirs`. */
  readonly repositories?: Readonly<Record<string, string>>;
  /** @default any free port */
  readonly port?: number;
  /** Hub that answers for every other repository; `null` for none. @default 'https://huggingface.co' */
  readonly upstream?: string | null;
  /** Most entries that a page of a listing holds, so that a test sees paging. @default the Hub's: 1,000, or 50 with `expand` */
  readonly pageEntries?: number;
  /** How long a link to the content network is good for. @default 3600 */
  readonly linkLifetimeSeconds?: number;
  /** @default plain HTTP */
  readonly tls?: TlsFiles;
}

/**
 * Stands in for the Hugging Face Hub: serves the dataset repositories of folders, and hands every other request to the
 * real Hub. Point `HF_ENDPOINT` or `hubUrl` to it. A folder is a repository as it is; `.hub.json` makes it private, gated,
 * or gives it further revisions (see `HubSettings`).
 *
 * | Route | Its form comes from |
 * |---|---|
 * | `GET /api/datasets/{repo}[/revision/{rev}]?expand=&blobs=` | `datasetInfo` of `@huggingface/hub`, `HfApi.dataset_info` of `huggingface_hub` |
 * | `GET /api/datasets/{repo}/tree/{rev}[/{path}]?recursive=&expand=&limit=&cursor=` | `listFiles`, `HfApi.list_repo_tree`; next page in `Link` |
 * | `POST /api/datasets/{repo}/paths-info/{rev}` | `pathsInfo` (JSON), `HfApi.get_paths_info` (form) |
 * | `GET /api/datasets/{repo}/refs`, `/commits/{rev}`, `/auth-check` | `HfApi.list_repo_refs`, `list_repo_commits`, `auth_check` |
 * | `GET /api/datasets/{repo}/parquet[/{config}[/{split}[/{n}.parquet]]]` | documentation of the Hub's parquet API |
 * | `GET`, `HEAD /datasets/{repo}/resolve/{rev}/{path}` | `fileDownloadInfo`, `hf_hub_download`, `HfFileSystem`; 302 for files in LFS |
 * | `GET`, `HEAD /datasets/{repo}/raw/{rev}/{path}` | `downloadFile({raw: true})` |
 * | `GET`, `HEAD /_cdn/{sha256}?Expires=&Signature=` | where the 302 leads: signed links of a content network |
 * | `GET /datasets-server/parquet?dataset=` | the dataset viewer, on the Hub's side a host of its own: `datasets-server.huggingface.co` |
 *
 * The viewer is also served at `/parquet` to clients that ask for a host `datasets-server.*`, which is what the Python
 * `datasets` library makes of its `HF_ENDPOINT`. `{repo}` is `namespace/name`, or the name alone of a canonical
 * repository, which is redirected (307). A slash in `{rev}` is percent-encoded. Xet is not offered, so that clients load
 * by plain HTTP. Rate limits are announced and never enforced; a 429 is a fault rule with the headers that it needs.
 * @throws Error in one sentence when a folder does not exist or the port is taken.
 */
export async function serveHub({
  datasetsDirs,
  repositories: mapping = {},
  port,
  upstream = 'https://huggingface.co',
  pageEntries = Number.POSITIVE_INFINITY,
  linkLifetimeSeconds = 3600,
  tls,
}: HubOptions): Promise<StandIn> {
  for (const folder of [...datasetsDirs, ...Object.values(mapping)]) {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      throw new Error(`the folder of datasets ${folder} does not exist`);
    }
  }
  const repositories = new Repositories(datasetsDirs, mapping);
  const content = new ContentNetwork(linkLifetimeSeconds);
  const deps = { repositories, commits: new Commits(), content, pageEntries };
  const hub = upstream === null ? undefined : new Upstream(upstream.replace(/\/+$/, ''));

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const asked = readHubRequest(req);
    const { pathname, segments, search, origin, token } = asked;
    if (segments[0] === CONTENT_FOLDER) return content.send(req, res, segments[1] ?? '', asked.query);
    for (const [name, value] of Object.entries(rateLimitHeaders(pathname))) res.setHeader(name, value);
    if (await answerFromFolders(req, res, asked, deps)) return;
    if (!hub) throw repoNotFound(token);
    const viewer = isViewer(asked);
    const path = (viewer ? pathname.replace(/^\/datasets-server/, '') : pathname) + search;
    const missing = `${decodeURIComponent(pathname)} is not in ${repositories.places}`;
    await hub.forward(req, res, { path, viewer, origin, missing });
  }

  const server = await serveStandIn(
    (req, res) =>
      answer(req, res).catch((error: unknown) => {
        if (!(error instanceof HubError) || res.headersSent) throw error;
        sendHubError(res, error);
      }),
    { name: 'hub', port, tls },
  );
  return {
    ...server,
    close: async () => {
      await server.close();
      await hub?.close();
    },
  };
}
