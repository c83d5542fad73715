import type { MaterialCode, SceneCode, StyleCode } from './lookup-codes.ts';

/*
 * Other names of the codes, beside the codes themselves, folded like the columns' names. A word is here only when it
 * means the same: "modern" is not "contemporary", and a "conference room" is no office.
 */

export const SCENE_ALIASES: { readonly [code in SceneCode]: readonly string[] } = {
  bedroom: [
    'master bedroom',
    'guest bedroom',
    'guest room',
    'kids bedroom',
    'kids room',
    'childs room',
    'childrens room',
    'child room',
    'nursery',
    'dorm room',
  ],
  living_room: ['lounge', 'sitting room', 'family room', 'drawing room', 'front room', 'living'],
  kitchen: ['kitchenette', 'kitchens'],
  bathroom: ['bath', 'washroom', 'restroom', 'powder room', 'toilet', 'shower room', 'wc', 'ensuite'],
  dining_room: ['dining area', 'dining', 'dinette', 'breakfast nook', 'breakfast room'],
  office: ['home office', 'study', 'study room', 'workspace', 'office room', 'nyu office'],
  hallway: ['corridor', 'hall', 'entryway', 'entrance hall', 'entry hall', 'foyer', 'vestibule', 'entrance'],
  balcony: ['terrace', 'veranda', 'loggia', 'balcony interior', 'balcony exterior'],
  outdoor: ['outdoors', 'exterior', 'garden', 'backyard', 'yard', 'patio', 'courtyard', 'outside'],
  garage: ['carport', 'garage indoor'],
};

export const STYLE_ALIASES: { readonly [code in StyleCode]: readonly string[] } = {
  rustic: ['rustical'],
  bohemian: ['boho', 'boho chic'],
  contemporary: ['modern contemporary', 'contemporary modern'],
  minimal: ['minimalist', 'minimalistic', 'minimalism'],
  japandi: ['japandi minimalist'],
  industrial: ['industrial loft'],
  mid_century: ['mid century modern', 'mcm', 'midcentury modern', 'mid-century'],
  traditional: ['traditionalist'],
  scandi: ['scandinavian', 'nordic'],
  coastal: ['beach house', 'hamptons', 'nautical'],
  eclectic: ['eclecticism'],
  luxe: ['luxury', 'luxurious'],
};

export const MATERIAL_ALIASES: { readonly [code in MaterialCode]: readonly string[] } = {
  wood: ['wooden', 'solid wood', 'oak', 'oak wood', 'walnut', 'pine', 'teak', 'timber', 'plywood', 'wood veneer'],
  metal: ['metallic', 'steel', 'stainless steel', 'iron', 'wrought iron', 'brass', 'aluminum', 'aluminium', 'chrome'],
  glass: ['tempered glass'],
  fabric: ['textile', 'cloth', 'linen', 'cotton', 'velvet', 'wool', 'upholstery'],
  leather: ['faux leather', 'genuine leather'],
  stone: ['granite', 'slate', 'limestone', 'travertine', 'natural stone'],
  marble: ['marbled'],
  rattan: ['wicker', 'cane'],
  ceramic: ['ceramics', 'porcelain'],
  plastic: ['acrylic', 'pvc', 'polypropylene'],
  mirror: ['mirrored', 'mirror glass'],
  concrete: ['cement'],
};
