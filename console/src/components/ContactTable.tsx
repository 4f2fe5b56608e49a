// A list of contacts; several can be selected, to do something with all of them.
import type { RowSelectionState } from '@tanstack/react-table';
import type { ReactNode } from 'react';
import type { Contact } from '../api/schema';
import { useMay } from '../app/useSession';
import { called, contactColumns } from './contactColumns';
import { DataTable, type TableProps } from './DataTable';
import { SelectionBar } from './SelectionBar';

interface Props extends Pick<TableProps<Contact>, 'label' | 'query' | 'paging' | 'empty'> {
  selection: RowSelectionState;
  onSelection: (selection: RowSelectionState) => void;
  /** Above the list while nobody is selected. */
  filters?: ReactNode;
  /** What can be done with those that are. */
  children: ReactNode;
}

export function ContactTable({ selection, onSelection, filters, children, ...rest }: Props) {
  const may = useMay('MEMBER');
  const count = Object.keys(selection).length;
  const bar =
    count > 0 ? (
      <SelectionBar count={count} onClear={() => onSelection({})}>
        {children}
      </SelectionBar>
    ) : (
      filters
    );
  return <DataTable columns={contactColumns} opens name={called} selection={selection} onSelection={may ? onSelection : undefined} bar={bar} {...rest} />;
}
