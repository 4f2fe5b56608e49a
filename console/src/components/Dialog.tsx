// A modal that is there as long as it is shown. What had the focus before gets it back, which the library does only for
// modals that stay mounted.
import { Modal, type ModalProps } from '@mantine/core';
import { useEffect } from 'react';

export function Dialog(props: Omit<ModalProps, 'opened'>) {
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return <Modal opened {...props} />;
}
