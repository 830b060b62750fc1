// SPDX-License-Identifier: GPL-2.0
/*
 * t_holders: healthy, with several things by which it can be held.
 *
 * /dev/t_holders, which can be mapped, polled and asked for SIGIO, and never is ready; its
 * ioctl gives an anonymous file;
 * /sys/kernel/debug/t_holders; sockets of the family 18 (PF_ASH, which nobody has).
 * Each takes references on the module as long as it is open; rmmod says "Module
 * t_holders is in use".
 */
#include <linux/anon_inodes.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <net/sock.h>

static struct page *t_holders_page;
static struct dentry *t_holders_dentry;

static ssize_t t_holders_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	static const char text[] = "t_holders: ok\n";

	return simple_read_from_buffer(buf, len, pos, text, sizeof(text) - 1);
}

static const struct file_operations t_holders_anonymous = {
	.owner = THIS_MODULE,
	.read = t_holders_read,
};

static ssize_t t_holders_write(struct file *file, const char __user *buf, size_t len,
			       loff_t *pos)
{
	return len;
}

static long t_holders_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return anon_inode_getfd("[t_holders]", &t_holders_anonymous, NULL, 0);
}

static DECLARE_WAIT_QUEUE_HEAD(t_holders_wait);
static struct fasync_struct *t_holders_async;

static __poll_t t_holders_poll(struct file *file, struct poll_table_struct *table)
{
	poll_wait(file, &t_holders_wait, table);
	return 0;
}

static int t_holders_fasync(int fd, struct file *file, int on)
{
	return fasync_helper(fd, file, on, &t_holders_async);
}

static int t_holders_release(struct inode *inode, struct file *file)
{
	return t_holders_fasync(-1, file, 0);
}

static int t_holders_mmap(struct file *file, struct vm_area_struct *vma)
{
	return vm_insert_page(vma, vma->vm_start, t_holders_page);
}

static const struct file_operations t_holders_fops = {
	.owner = THIS_MODULE,
	.read = t_holders_read,
	.write = t_holders_write,
	.unlocked_ioctl = t_holders_ioctl,
	.mmap = t_holders_mmap,
	.poll = t_holders_poll,
	.fasync = t_holders_fasync,
	.release = t_holders_release,
};

static struct miscdevice t_holders_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "t_holders",
	.fops = &t_holders_fops,
};

static int t_holders_debug_show(struct seq_file *m, void *v)
{
	seq_puts(m, "t_holders: ok\n");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(t_holders_debug);

static struct proto t_holders_proto = {
	.name = "t_holders",
	.owner = THIS_MODULE,
	.obj_size = sizeof(struct sock),
};

static int t_holders_close(struct socket *socket)
{
	struct sock *sk = socket->sk;

	if (sk) {
		sock_orphan(sk);
		socket->sk = NULL;
		sock_put(sk);
	}
	return 0;
}

static const struct proto_ops t_holders_ops = {
	.family = PF_ASH,
	.owner = THIS_MODULE,
	.release = t_holders_close,
};

static int t_holders_create(struct net *net, struct socket *socket, int protocol, int kern)
{
	struct sock *sk = sk_alloc(net, PF_ASH, GFP_KERNEL, &t_holders_proto, kern);

	if (!sk)
		return -ENOMEM;
	sock_init_data(socket, sk);
	socket->ops = &t_holders_ops;
	return 0;
}

static const struct net_proto_family t_holders_family = {
	.family = PF_ASH,
	.owner = THIS_MODULE,
	.create = t_holders_create,
};

static int __init t_holders_init(void)
{
	int err;

	t_holders_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!t_holders_page)
		return -ENOMEM;
	err = sock_register(&t_holders_family);
	if (err)
		goto err_free;
	err = misc_register(&t_holders_misc);
	if (err)
		goto err_unregister;
	t_holders_dentry = debugfs_create_file("t_holders", 0400, NULL, NULL,
					       &t_holders_debug_fops);
	return 0;

err_unregister:
	sock_unregister(PF_ASH);
err_free:
	__free_page(t_holders_page);
	return err;
}

static void __exit t_holders_exit(void)
{
	debugfs_remove(t_holders_dentry);
	misc_deregister(&t_holders_misc);
	sock_unregister(PF_ASH);
	__free_page(t_holders_page);
}

module_init(t_holders_init);
module_exit(t_holders_exit);

MODULE_DESCRIPTION("patcher target: can be held by files, mappings and sockets");
MODULE_LICENSE("GPL");
