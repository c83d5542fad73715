import {
  type Asset,
  COMPONENTS,
  type MaterialShare,
  type SceneUpdates,
  type SkipComponents,
} from './mapped-metadata.ts';

interface Known {
  readonly updates: SceneUpdates;
  readonly objects: readonly { readonly materials: readonly MaterialShare[]; readonly mask: string | null }[];
  readonly assets: readonly Asset[];
}

/**
 * What need not be asked for. Segmentation is covered by a mask of the whole scene, or by masks of all objects;
 * materials by those of the scene, or of all objects. No objects in the metadata does not mean that the room is empty.
 */
export function coverage({ updates, objects, assets }: Known): { skip_ai: boolean; skip_components: SkipComponents } {
  const masks = assets.filter((asset) => asset.kind === 'mask');
  const skip_components: SkipComponents = {
    scene_classification: updates.scene_type !== undefined,
    object_detection: objects.length > 0,
    segmentation:
      masks.some(({ role }) => role === 'whole') || (masks.length > 0 && objects.every(({ mask }) => mask !== null)),
    style_analysis: updates.styles !== undefined,
    depth_estimation: assets.some(({ kind }) => kind === 'depth'),
    color_analysis: updates.palette !== undefined,
    material_classification:
      updates.materials !== undefined || (objects.length > 0 && objects.every(({ materials }) => materials.length > 0)),
  };
  return { skip_ai: COMPONENTS.every((component) => skip_components[component]), skip_components };
}
