// A list of contacts; several can be selected, to do something with all of them.
import type { RowSelectionState } from '@tanstack/react-table';
import { useMay } from '../app/useSession';
import { called, contactColumns } from './contactColumns';
import { DataTable, type TableProps } from './DataTable';
import type { Contact } from '../api/schema';

interface Props extends Pick<TableProps<Contact>, 'label' | 'query' | 'paging' | 'bar' | 'empty'> {
  selection: RowSelectionState;
  onSelection: (selection: RowSelectionState) => void;
}

export function ContactTable({ onSelection, ...rest }: Props) {
  const may = useMay('MEMBER');
  return <DataTable columns={contactColumns} opens name={called} onSelection={may ? onSelection : undefined} {...rest} />;
}
