-- What the import calls by rpc. Security invoker: the caller's own rights decide, and only service_role may call.
-- Names are qualified and the search path is empty, so that nothing in another schema can stand in for ours.

-- A person has decided about the scene or one of its objects: the import and the analysis leave it as it is.
-- The casts hold where a database keeps these columns as enums. plpgsql, because it keeps its plans from call to call.
create or replace function public.scene_is_reviewed(scene uuid)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (select from public.reviews r where r.target_id = scene and r.target::text = 'scene')
    or exists (
      select from public.objects o
      where o.scene_id = scene
        and (
          coalesce(o.review_status::text, 'pending') <> 'pending'
          or exists (select from public.reviews r where r.target_id = o.id and r.target::text = 'object')
        )
    );
end
$$;

-- Those of `ids` that exist, as an array of {id, job_id, revision, image_column, sha256, r2_key_original, reviewed}. A json value and
-- not a set of rows, because PostgREST cuts sets at the project's row limit without a word.
create or replace function public.find_scenes(ids uuid[])
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(
    jsonb_agg(jsonb_build_object(
      'id', s.id,
      'job_id', s.attrs #>> '{_modomo,job_id}',
      'revision', s.attrs #>> '{_modomo,source,revision}',
      'image_column', s.attrs #>> '{_modomo,source,image_column}',
      'sha256', s.attrs #>> '{_modomo,image,sha256}',
      'r2_key_original', s.r2_key_original,
      'reviewed', public.scene_is_reviewed(s.id)
    )),
    '[]'
  )
  from public.scenes s
  where s.id = any (ids);
$$;

-- Called before the bytes of a scene's image are replaced in the bucket: the scene is at no revision, and its bytes are
-- not known, until the import has written it, so that a job that dies in between leaves it to the next one. False, and
-- nothing changed, when a person has decided about it.
create or replace function public.begin_replacing(scene uuid)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  if public.scene_is_reviewed(scene) then
    return false;
  end if;
  update public.scenes s
  set attrs = s.attrs || jsonb_build_object('_modomo', (s.attrs -> '_modomo') #- '{source,revision}' #- '{image,sha256}')
  where s.id = scene and s.attrs ? '_modomo';
  return true;
end
$$;

-- Takes a scene back to what it was before its analysis.
create or replace function public.clear_scene_analysis(scene uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  delete from public.object_materials m using public.objects o where o.id = m.object_id and o.scene_id = scene;
  delete from public.objects o where o.scene_id = scene;
  delete from public.scene_styles s where s.scene_id = scene;
  delete from public.scene_artifacts a where a.scene_id = scene;
  update public.scenes s
  set status = 'imported',
      r2_key_thumbnail = null,
      r2_key_depth = null,
      phash = null,
      scene_type = null,
      scene_conf = null,
      palette = null,
      description = null,
      attrs = s.attrs #- '{_modomo,analysis}' #- '{_modomo,failure}'
  where s.id = scene;
end
$$;

-- Inserts those of the scenes that are not there yet, all or none, and returns their ids. What a new scene brings along
-- goes in here too.
create or replace function public.insert_new_scenes(rows jsonb)
returns uuid[]
language plpgsql
set search_path = ''
as $$
declare
  inserted uuid[];
begin
  with fresh as (
    insert into public.scenes (id, dataset_id, source, hf_index, r2_key_original, width, height, attrs, status)
    select n.id, n.dataset_id, n.source, n.hf_index, n.r2_key_original, n.width, n.height, n.attrs, 'imported'
    from jsonb_populate_recordset(null::public.scenes, rows) n
    where jsonb_typeof(n.attrs) = 'object'
    order by n.id
    on conflict (id) do nothing
    returning id
  )
  select coalesce(array_agg(fresh.id), '{}') into inserted from fresh;
  return inserted;
end
$$;

-- Writes one scene as the import has it, and says what it did: inserted, updated or reviewed. What the analysis wrote
-- stays as long as the image's bytes are the same, and goes with them.
create or replace function public.import_scene(item jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  incoming public.scenes := jsonb_populate_record(null::public.scenes, item);
  existing public.scenes;
begin
  if jsonb_typeof(incoming.attrs) is distinct from 'object' then
    raise invalid_parameter_value using message = 'attrs is not an object';
  end if;

  loop
    select s.* into existing from public.scenes s where s.id = incoming.id for update;
    exit when found;
    if cardinality(public.insert_new_scenes(jsonb_build_array(item))) = 1 then
      return 'inserted';
    end if; -- another call inserted it in between
  end loop;

  if existing.dataset_id is distinct from incoming.dataset_id then
    raise integrity_constraint_violation using
      message = format('the scene belongs to dataset %s', coalesce(existing.dataset_id::text, 'none'));
  end if;
  if public.scene_is_reviewed(existing.id) then
    return 'reviewed';
  end if;

  if existing.attrs #>> '{_modomo,image,sha256}' = incoming.attrs #>> '{_modomo,image,sha256}' then
    incoming.attrs := jsonb_set(
      incoming.attrs,
      '{_modomo}',
      (existing.attrs -> '_modomo') - '{job_id,source,image,mapping,column}'::text[] || (incoming.attrs -> '_modomo')
    );
  else
    perform public.clear_scene_analysis(existing.id);
  end if;
  update public.scenes s
  set source = incoming.source,
      hf_index = incoming.hf_index,
      r2_key_original = incoming.r2_key_original,
      width = incoming.width,
      height = incoming.height,
      attrs = incoming.attrs
  where s.id = existing.id;
  return 'updated';
end
$$;

-- Imports scenes, and answers {id, outcome: inserted | updated | reviewed | rejected, message?} for each, in the order
-- of `rows`. New ones go in by one statement; all others, and all of them when that statement is refused, each in a
-- subtransaction of its own, so that one that Postgres refuses is lost alone. Both go by the order of the ids, so that
-- two calls with the same scenes do not deadlock. Only what is wrong with a scene itself rejects it; everything else
-- (connection, resources, deadlock, rights, schema) fails the call, which can be made again.
create or replace function public.import_scenes(rows jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- SQLSTATE classes: data, constraint, limit, raised by a trigger
  of_the_scene constant text[] := '{22,23,54,P0}';
  inserted uuid[] := '{}';
  outcomes jsonb[];
  item jsonb;
  place bigint;
  done jsonb;
begin
  begin
    inserted := public.insert_new_scenes(rows);
  exception when others then
    if left(sqlstate, 2) <> all (of_the_scene) then
      raise;
    end if;
  end;

  select array_agg(jsonb_build_object('id', e.value ->> 'id', 'outcome', 'inserted') order by e.ordinality)
  into outcomes
  from jsonb_array_elements(rows) with ordinality e;

  for item, place in
    select given.value, given.ordinality
    from (
      select e.value, e.ordinality, row_number() over (partition by e.value ->> 'id' order by e.ordinality) as nth
      from jsonb_array_elements(rows) with ordinality e
    ) given
    left join unnest(inserted) as fresh (id) on fresh.id::text = lower(given.value ->> 'id') and given.nth = 1
    where fresh.id is null
    order by given.value ->> 'id', given.ordinality
  loop
    begin
      done := jsonb_build_object('outcome', public.import_scene(item));
    exception when others then
      if left(sqlstate, 2) <> all (of_the_scene) then
        raise;
      end if;
      done := jsonb_build_object('outcome', 'rejected', 'message', left(sqlerrm, 500));
    end;
    outcomes[place] := outcomes[place] || done;
  end loop;

  return coalesce(to_jsonb(outcomes), '[]');
end
$$;

do $$
declare
  signature text;
begin
  foreach signature in array array[
    'scene_is_reviewed(uuid)', 'find_scenes(uuid[])', 'clear_scene_analysis(uuid)', 'insert_new_scenes(jsonb)',
    'begin_replacing(uuid)', 'import_scene(jsonb)', 'import_scenes(jsonb)'
  ] loop
    execute format('revoke execute on function public.%s from public', signature);
    if to_regrole('anon') is not null then
      execute format('revoke execute on function public.%s from anon', signature);
    end if;
    if to_regrole('authenticated') is not null then
      execute format('revoke execute on function public.%s from authenticated', signature);
    end if;
    if to_regrole('service_role') is not null then
      execute format('grant execute on function public.%s to service_role', signature);
    end if;
  end loop;
end
$$;

notify pgrst, 'reload schema';
