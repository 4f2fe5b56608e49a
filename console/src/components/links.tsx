// Mantine's links and buttons as links of the router: their addresses and parameters are checked by type.
import { Anchor, Button, Menu, NavLink, type AnchorProps, type ButtonProps, type MenuItemProps, type NavLinkProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentPropsWithRef } from 'react';

type A<P> = P & Omit<ComponentPropsWithRef<'a'>, keyof P>;

export const AnchorLink = createLink((props: A<AnchorProps>) => <Anchor {...props} />);
export const ButtonLink = createLink((props: A<ButtonProps>) => <Button component="a" {...props} />);
export const MenuLink = createLink((props: A<MenuItemProps>) => <Menu.Item component="a" {...props} />);
export const NavigationLink = createLink((props: A<NavLinkProps>) => <NavLink component="a" {...props} />);
