# Copyright (c) 2026, the vxlan.fabric authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""What runs survives a reboot: the wanted state of a host as files of what sets the network up at boot.

boot      from the wanted state to what a boot has to make, resolved and complete
carry     what a backend says about itself, as data: what it can carry, and how it spells it
networkd, networkmanager, ifupdown, ifupdown2, netplan, service   one backend each: what a boot has to make -> files
backends  the table of them
owner     which of them owns the underlay, and who else claims our interfaces
saved     the saved state of the service, and reading those of earlier versions
bundle    the engine as one file for a host without Ansible
replay    what that file does at boot
files     what is there, what is to be, and the difference
run       the order of the stages
"""
