-- The whole schema. Additive and idempotent: it creates a new project's tables, and adds to a database that has them
-- already only what is missing. No existing row, type, policy or grant is changed or taken away.

do $$
begin
  if to_regtype('public.job_kind') is null then
    create type public.job_kind as enum ('ingest', 'process');
  end if;
  if to_regtype('public.job_status') is null then
    create type public.job_status as enum ('queued', 'running', 'succeeded', 'failed', 'skipped');
  end if;
  if to_regtype('public.artifact_type') is null then
    create type public.artifact_type as enum ('original', 'depth', 'mask', 'thumb');
  end if;
end
$$;

-- One block, because it has to know which tables are new: only those get row level security and a policy. Who may read
-- a table that was there before stays as its owners decided.
do $$
declare
  wanted constant text[] := array[
    'datasets', 'scene_labels', 'style_labels', 'material_labels', 'categories', 'category_aliases', 'jobs',
    'job_events', 'scenes', 'scene_styles', 'scene_artifacts', 'objects', 'object_materials', 'reviews'
  ];
  created constant text[] := array(
    select name from unnest(wanted) as name where to_regclass('public.' || name) is null
  );
  new_table text;
begin
  create table if not exists public.datasets (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    version text,
    source_url text,
    license text,
    notes text,
    created_at timestamptz not null default now()
  );

  create table if not exists public.scene_labels (code text primary key, display text not null);
  create table if not exists public.style_labels (code text primary key, display text not null);
  create table if not exists public.material_labels (code text primary key, display text not null);

  create table if not exists public.categories (
    code text primary key,
    display text not null,
    family text,
    parent_code text references public.categories (code)
  );

  create table if not exists public.category_aliases (
    alias text primary key,
    canonical text not null references public.categories (code),
    kind text
  );

  -- id: the execution's name when that is a uuid, else UUIDv5 of it
  create table if not exists public.jobs (
    id uuid primary key default gen_random_uuid(),
    kind public.job_kind not null,
    status public.job_status not null,
    dataset_id uuid references public.datasets (id) on delete cascade,
    started_at timestamptz,
    finished_at timestamptz,
    error text,
    meta jsonb,
    created_at timestamptz not null default now()
  );

  create table if not exists public.job_events (
    id uuid primary key default gen_random_uuid(),
    job_id uuid not null references public.jobs (id) on delete cascade,
    name text not null,
    data jsonb,
    at timestamptz not null default now()
  );

  -- status: imported, then processed or failed
  create table if not exists public.scenes (
    id uuid primary key default gen_random_uuid(),
    dataset_id uuid references public.datasets (id) on delete cascade,
    source text not null,
    r2_key_original text not null,
    r2_key_thumbnail text,
    r2_key_depth text,
    width int,
    height int,
    phash text,
    scene_type text references public.scene_labels (code),
    scene_conf real,
    palette jsonb,
    status text not null default 'processed',
    created_at timestamptz not null default now()
  );

  create table if not exists public.scene_styles (
    scene_id uuid not null references public.scenes (id) on delete cascade,
    style_code text not null references public.style_labels (code),
    conf real not null,
    primary key (scene_id, style_code)
  );

  create table if not exists public.scene_artifacts (
    id uuid primary key default gen_random_uuid(),
    scene_id uuid not null references public.scenes (id) on delete cascade,
    kind public.artifact_type not null,
    r2_key text not null,
    meta jsonb
  );

  -- boxes in pixels of the original
  create table if not exists public.objects (
    id uuid primary key default gen_random_uuid(),
    scene_id uuid not null references public.scenes (id) on delete cascade,
    category_code text not null references public.categories (code),
    subcategory text,
    bbox_x real not null,
    bbox_y real not null,
    bbox_w real not null,
    bbox_h real not null,
    confidence real not null,
    mask_key text,
    thumb_key text,
    depth_key text,
    description text,
    attrs jsonb,
    review_status text check (review_status in ('pending', 'approved', 'rejected', 'corrected')),
    review_notes text,
    created_at timestamptz not null default now()
  );

  create table if not exists public.object_materials (
    object_id uuid not null references public.objects (id) on delete cascade,
    material_code text not null references public.material_labels (code),
    conf real not null,
    primary key (object_id, material_code)
  );

  -- target_id names a scene or an object, so it has no foreign key
  create table if not exists public.reviews (
    id uuid primary key default gen_random_uuid(),
    target text not null check (target in ('scene', 'object')),
    target_id uuid not null,
    field text,
    before_json jsonb,
    after_json jsonb,
    verdict text not null check (verdict in ('approve', 'reject', 'edit')),
    reviewer_id uuid,
    notes text,
    created_at timestamptz not null default now()
  );

  foreach new_table in array created loop
    execute format('alter table public.%I enable row level security', new_table);
    if to_regrole('authenticated') is not null then
      execute format('grant select on public.%I to authenticated', new_table);
      execute format(
        'create policy "signed-in users read" on public.%I for select to authenticated using (true)', new_table
      );
    end if;
    if to_regrole('service_role') is not null then
      execute format('grant select, insert, update, delete on public.%I to service_role', new_table);
    end if;
  end loop;
end
$$;

-- description: the dataset's or the analysis' words; attrs: the row's metadata, and ours under "_modomo";
-- hf_index: the row's index in its split, from 0
alter table public.scenes add column if not exists description text;
alter table public.scenes add column if not exists attrs jsonb;
alter table public.scenes add column if not exists hf_index int;

create index if not exists scenes_dataset_id_hf_index_idx on public.scenes (dataset_id, hf_index);
create index if not exists scene_artifacts_scene_id_idx on public.scene_artifacts (scene_id);
create index if not exists objects_scene_id_idx on public.objects (scene_id);
create index if not exists reviews_target_id_idx on public.reviews (target_id);
create index if not exists jobs_dataset_id_created_at_idx on public.jobs (dataset_id, created_at desc);
create index if not exists job_events_job_id_at_idx on public.job_events (job_id, at);
