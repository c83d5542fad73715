-- The tables as a database had them before this product, with rows in each, and with some choices that differ from
-- ours: enums where ours has text, no default ids, more columns, no row level security.
create type job_kind as enum ('ingest', 'process');
create type job_status as enum ('queued', 'running', 'succeeded', 'failed', 'skipped');
create type artifact_type as enum ('original', 'depth', 'mask', 'thumb');
create type review_target as enum ('scene', 'object');
create type review_verdict as enum ('approve', 'reject', 'edit');
create type review_state as enum ('pending', 'approved', 'rejected', 'corrected');

create table datasets (
  id uuid primary key default gen_random_uuid(), name text not null, version text, source_url text, license text,
  notes text, created_at timestamptz default now()
);
create table scene_labels (code text primary key, display text);
create table style_labels (code text primary key, display text);
create table material_labels (code text primary key, display text);
create table categories (code text primary key, display text, family text not null, parent_code text);
create table category_aliases (alias text, canonical text not null references categories (code), kind text not null);
create table jobs (
  id uuid primary key, kind job_kind not null, status job_status not null, dataset_id uuid references datasets (id),
  started_at timestamptz, finished_at timestamptz, error text, meta jsonb, created_at timestamptz default now()
);
create table job_events (
  id uuid primary key, job_id uuid not null references jobs (id), name text not null, data jsonb,
  at timestamptz default now()
);
create table scenes (
  id uuid primary key, dataset_id uuid references datasets (id), source text not null, r2_key_original text not null,
  r2_key_thumbnail text, r2_key_depth text, width int, height int, phash text,
  scene_type text references scene_labels (code), scene_conf real, palette jsonb,
  status text not null default 'processed', created_at timestamptz default now(), curator text
);
create table scene_styles (
  scene_id uuid references scenes (id), style_code text references style_labels (code), conf real not null,
  primary key (scene_id, style_code)
);
create table scene_artifacts (
  id uuid primary key, scene_id uuid not null references scenes (id), kind artifact_type not null,
  r2_key text not null, meta jsonb
);
create table objects (
  id uuid primary key, scene_id uuid not null references scenes (id),
  category_code text not null references categories (code), subcategory text, bbox_x real not null,
  bbox_y real not null, bbox_w real not null, bbox_h real not null, confidence real not null, mask_key text,
  thumb_key text, depth_key text, description text, attrs jsonb, review_status review_state, review_notes text,
  created_at timestamptz default now()
);
create table object_materials (
  object_id uuid references objects (id), material_code text references material_labels (code), conf real not null,
  primary key (object_id, material_code)
);
create table reviews (
  id uuid primary key, target review_target not null, target_id uuid not null, field text, before_json jsonb,
  after_json jsonb, verdict review_verdict not null, reviewer_id uuid, notes text, created_at timestamptz default now()
);

insert into datasets (id, name) values ('00000000-0000-4000-8000-00000000000d', 'Houses');
insert into scene_labels values ('bedroom', 'Bed room');
insert into style_labels values ('scandi', 'Nordic');
insert into material_labels values ('wood', 'Timber');
insert into categories values ('seating', 'Seats', 'furniture', null), ('sofa', 'Settee', 'furniture', 'seating');
insert into category_aliases values ('couch', 'seating', 'slang');
insert into jobs (id, kind, status, dataset_id) values
  ('00000000-0000-4000-8000-0000000000aa', 'ingest', 'succeeded', '00000000-0000-4000-8000-00000000000d');
insert into job_events (id, job_id, name) values
  ('00000000-0000-4000-8000-0000000000ab', '00000000-0000-4000-8000-0000000000aa', 'started');
insert into scenes (id, dataset_id, source, r2_key_original, scene_type, curator) values
  ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-00000000000d', 'web', 'a.jpg', 'bedroom', 'ann'),
  ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-00000000000d', 'web', 'b.jpg', null, null);
insert into scene_styles values ('00000000-0000-4000-8000-000000000001', 'scandi', 0.5);
insert into scene_artifacts values
  ('00000000-0000-4000-8000-0000000000ac', '00000000-0000-4000-8000-000000000001', 'depth', 'depth.png', null);
insert into objects (id, scene_id, category_code, bbox_x, bbox_y, bbox_w, bbox_h, confidence, review_status) values
  ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-000000000001', 'sofa', 0, 0, 1, 1, 1, 'pending'),
  ('00000000-0000-4000-8000-0000000000b2', '00000000-0000-4000-8000-000000000002', 'sofa', 0, 0, 1, 1, 1, null);
insert into object_materials values ('00000000-0000-4000-8000-0000000000b1', 'wood', 1);
insert into reviews (id, target, target_id, verdict) values
  ('00000000-0000-4000-8000-0000000000ad', 'object', '00000000-0000-4000-8000-0000000000b2', 'approve');
