#!/usr/bin/gjs -m
// Notes: gjs -m notes.js [FOLDER], where the store lies; without one below the user's data.

import GLib from 'gi://GLib';
import System from 'system';

import {Application} from './application.js';

const folder = ARGV[0] ?? GLib.build_filenamev([GLib.get_user_data_dir(), 'arbor-notes']);
System.exit(new Application(folder).run([System.programInvocationName]));
