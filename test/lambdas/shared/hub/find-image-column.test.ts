import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../../../lambdas/shared/errors.ts';
import type { Feature } from '../../../../lambdas/shared/hub/features.ts';
import { findImageColumn, type ImageColumn } from '../../../../lambdas/shared/hub/find-image-column.ts';

const text: Feature = { _type: 'Value', dtype: 'string' };
const int: Feature = { _type: 'Value', dtype: 'int64' };
const binary: Feature = { _type: 'Value', dtype: 'binary' };
const stored: Feature = { _type: 'struct', fields: { bytes: binary, path: text } };
const image: Feature = { _type: 'Image' };
const images: Feature = { _type: 'List', feature: image };
const audio: Feature = { _type: 'Other', name: 'Audio' };

/** As parquet stores it. */
function schemaOf(features: Record<string, Feature>): Record<string, Feature> {
  const store = (feature: Feature): Feature => {
    if (feature._type === 'Image' || feature._type === 'Other') return stored;
    if (feature._type === 'ClassLabel') return int;
    return feature._type === 'List' ? { ...feature, feature: store(feature.feature) } : feature;
  };
  return Object.fromEntries(Object.entries(features).map(([name, feature]) => [name, store(feature)]));
}

describe('findImageColumn', () => {
  it.each<[string, Record<string, Feature>, ImageColumn['column']]>([
    ['sk2003/houzzdata', { image, caption: text }, 'image'],
    ['razor7x/Interior_Design_Dataset', { Image: image, Text: text }, 'Image'],
    ['sayakpaul/nyu_depth_v2', { image, depth_map: image }, 'image'],
    ['SUN RGB-D', { depth: image, rgb: image, description: text, scene: text }, 'rgb'],
    ['scene_parse_150', { image, annotation: image, scene_category: { _type: 'ClassLabel', names: ['a'] } }, 'image'],
    ['1aurent/ADE20K', { image, segmentations: images, instances: images }, 'image'],
    ['ControlNet', { conditioning_image: image, image, text }, 'image'],
    ['InstructPix2Pix', { input_image: image, edit_prompt: text, edited_image: image }, 'input_image'],
    ['camelCase and compounds', { segMap: image, maskImage: image, imagemask: image, Photo: image }, 'Photo'],
    ['an unusual name', { tile: image, label: int }, 'tile'],
    ['with a small copy', { image, thumbnail: image, image_url: text }, 'image'],
    ['a small copy alone', { thumbnail: image }, 'thumbnail'],
    ['sound beside it', { sound: audio, picture: image }, 'picture'],
  ])('takes the Image feature of %s', (_name, features, column) => {
    expect(findImageColumn({ features, schema: schemaOf(features) })).toEqual({ column, kind: 'struct' });
  });

  it.each<[string, Record<string, Feature>, ImageColumn]>([
    ['a struct', { a: stored, depth: stored, url: text }, { column: 'a', kind: 'struct' }],
    ['webdataset', { jpg: binary, json: text, __key__: text, __url__: text }, { column: 'jpg', kind: 'binary' }],
    ['bytes by name', { embedding: binary, image_bytes: binary }, { column: 'image_bytes', kind: 'binary' }],
    ['the only bytes', { content: binary, mask_bytes: binary, id: int }, { column: 'content', kind: 'binary' }],
    ['mvoisin/TinyCOCO', { image_url: text, caption: text }, { column: 'image_url', kind: 'string' }],
    ['a path', { file_name: text, imagePath: text }, { column: 'imagePath', kind: 'string' }],
    ['an address', { URL: text, title: text }, { column: 'URL', kind: 'string' }],
  ])('goes by storage and name without features: %s', (_name, schema, expected) => {
    expect(findImageColumn({ schema })).toEqual(expected);
  });

  it('lets image_column win over the rules', () => {
    const features = { image, edited_image: image };
    const question = { features, schema: schemaOf(features), requested: 'edited_image' };
    expect(findImageColumn(question)).toEqual({ column: 'edited_image', kind: 'struct' });
  });

  it.each<[string, Record<string, Feature>, string | undefined, RegExp]>([
    [
      'several',
      { image, product_photo: image },
      undefined,
      /several .* "image", "product_photo"; say which with image_column/,
    ],
    ['none', { text, score: int }, undefined, /no column holds an image.*"text", "score".*image_column/],
    ['a depth map alone', { depth_map: image }, undefined, /no column holds an image.*"depth_map"/],
    ['lists alone', { images, id: int }, undefined, /"images" holds lists of images, and one image per row is needed/],
    ['an unknown one', { image, text }, 'img', /"img" does not exist; the columns are "image", "text"/],
    ['no own property', { image }, 'constructor', /"constructor" does not exist/],
    ['a list', { image, views: images }, 'views', /"views" holds lists; one image per row is needed/],
    ['a number', { image, score: int }, 'score', /"score" holds no images, but int64 values/],
  ])('refuses %s, naming the columns', (_name, features, requested, message) => {
    const find = () => findImageColumn({ features, schema: schemaOf(features), requested });
    expect(find).toThrow(BadInputError);
    expect(find).toThrow(message);
  });
});
