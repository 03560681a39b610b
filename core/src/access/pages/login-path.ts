export const LOGIN_PATH = '/accounts/login/';
