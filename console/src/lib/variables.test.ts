import { describe, expect, it } from 'vitest';
import { insertVariable, openPlaceholder, ownVariables, variables } from './variables';

describe('variables', () => {
  it('are found once each, with their defaults', () => {
    expect(variables('Hi {{ Name }}, {{name|friend}} {{attributes. Due date }} {{shop|us}}')).toEqual([
      { name: 'name', hasDefault: false },
      { name: 'attributes.Due date', hasDefault: false },
      { name: 'shop', hasDefault: true },
    ]);
  });

  it('that no contact has are the writer’s', () => {
    expect(ownVariables('{{name}} {{attributes.City}} {{shop}}').map(({ name }) => name)).toEqual(['shop']);
  });

  it('are suggested behind an open pair of braces', () => {
    expect(openPlaceholder('Hi {{na', 7)).toEqual({ from: 3, typed: 'na' });
    expect(openPlaceholder('Hi {{name}} x', 13)).toBeNull();
    expect(openPlaceholder('Hi', 2)).toBeNull();
  });

  it('are put where the caret is', () => {
    expect(insertVariable('Hi {{na, bye', 7, 'name')).toEqual({ text: 'Hi {{name}}, bye', caret: 11 });
    expect(insertVariable('Hi {{na}}!', 7, 'name')).toEqual({ text: 'Hi {{name}}!', caret: 11 });
    expect(insertVariable('Hi !', 3, 'name')).toEqual({ text: 'Hi {{name}}!', caret: 11 });
  });
});
