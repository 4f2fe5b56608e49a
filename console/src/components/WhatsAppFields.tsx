// The approved WhatsApp template that a message goes out as, and what fills it.
import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import type { WhatsAppTemplate, WhatsAppTemplateParameters } from '../api/schema';
import { blanks, parametersOf } from '../lib/whatsapp';
import { BlankInputs } from './BlankInputs';

interface Props {
  templates: WhatsAppTemplate[];
  template: WhatsAppTemplate | undefined;
  parameters: WhatsAppTemplateParameters;
  error?: ReactNode;
  onTemplate: (id: string | null) => void;
  onParameters: (parameters: WhatsAppTemplateParameters) => void;
}

export function WhatsAppFields({ templates, template, parameters, error, onTemplate, onParameters }: Props) {
  const all = template ? blanks(template.components) : [];
  const values = parametersOf(all, parameters);
  return (
    <>
      <Select
        label="WhatsApp template"
        description="Free text reaches only those who wrote to you in the last 24 hours; an approved template reaches everyone"
        placeholder="None: write the text here"
        data={templates.map(({ id, name, language }) => ({ value: id, label: `${name} (${language})` }))}
        clearable
        searchable
        value={template?.id ?? null}
        error={error}
        onChange={onTemplate}
      />
      <BlankInputs legend="What fills it" blanks={all} values={values} placeholder="{{name|friend}}" onChange={onParameters} />
    </>
  );
}
